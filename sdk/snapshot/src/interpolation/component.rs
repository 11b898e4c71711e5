//! A component's value at a moment, from what a receiver holds: the schema says how each field goes on.

use super::field::{MAX_NUMBERS, Numbers};
use super::{Bracket, ExtrapolationLimits, FieldSampling, Freshness, Interpolation, Point, RenderTime};
use crate::receive::SnapshotReceiver;
use crate::schema::{GroupKind, Shape, SnapshotSchema, Velocity};
use netcord_wire::quantized::Blobs;
use netcord_wire::{ComponentId, ComponentSchema, NetEntity, Quantized};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Range;

/// Samples a component of entities: what the schema says of a field says how it goes on.
///
/// | field | mode |
/// |---|---|
/// | range, steps, unit vector; an integer that a velocity moves | [`Linear`](Interpolation::Linear), along the velocity where there is one |
/// | angle, direction | [`Angular`](Interpolation::Angular) |
/// | rotation | [`Slerp`](Interpolation::Slerp) |
/// | integer, word, counter, flag, variants, text, bytes | [`Snap`](Interpolation::Snap) |
///
/// What comes out is rounded to the field's steps, as all values of the component are.
///
/// ```
/// use netcord_snapshot::interpolation::{ComponentSampler, Freshness, RenderClock, RenderClockConfig};
/// use netcord_snapshot::{
///     GroupId, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema, SnapshotSender, View, ViewConfig,
/// };
/// use netcord_wire::{ComponentId, ComponentSchema, NetEntity, Quantized, Schema, Tick, quantized::Blobs};
/// use std::{sync::Arc, time::Duration};
///
/// #[derive(Quantized)]
/// struct Ship {
///     #[quantize(range(0.0..=1024.0), step = 0.01)]
///     position: [f32; 2],
///     #[quantize(angle, bits = 10)]
///     heading: f32,
/// }
///
/// let schema = Schema::new().with_component(ComponentSchema::of::<Ship>("Ship"));
/// let schema = Arc::new(SnapshotSchema::new(&schema, 60.0)?);
/// let mut sender = SnapshotSender::new(schema.clone(), SenderConfig::default());
/// let mut view = View::new(ViewConfig::default());
/// view.show(GroupId(0), 1);
/// let mut receiver = SnapshotReceiver::new(schema.clone(), ReceiverLimits::default());
///
/// let mut ships = ComponentSampler::<Ship>::new(&schema, ComponentId(0)).expect("it is the first component");
/// ships.field_mut("position").expect("it has one").teleport_above = Some(20.0);
/// let config = RenderClockConfig::new(Duration::from_secs(1) / 60, 1);
/// let mut clock = RenderClock::new(config);
/// for tick in (1..100_u32).map(Tick) {
///     sender.begin(tick);
///     let ship = Ship { position: [3.0 * tick.0 as f32, 9.0], heading: 0.0 };
///     ship.to_columns(sender.write(NetEntity(7), GroupId(0), schema.whole())?, &mut Blobs::new())?;
///     sender.finish();
///     let now = config.tick * tick.0;
///     while let Some(message) = view.next_message(&mut sender)? {
///         receiver.receive(message)?;
///         clock.receive(tick, now);
///     }
///     // A frame, a third of a tick later.
///     let time = clock.advance(now + config.tick / 3).expect("a snapshot has come");
///     let Some(shown) = ships.sample(&receiver, &time, &config.limits, NetEntity(7)) else { continue };
///     if shown.freshness == Freshness::Interpolated {
///         let exactly = 3.0 * (time.tick.0 as f32 + time.fraction);
///         assert!((shown.value.position[0] - exactly).abs() < 0.006);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ComponentSampler<T> {
    component: ComponentId,
    /// The component's columns in a row.
    columns: Range<usize>,
    /// The places of its texts and bytes, which are those of the state that was reached last.
    places: Range<usize>,
    fields: Vec<Field>,
    values: Vec<i32>,
    blobs: Blobs,
    value: PhantomData<fn() -> T>,
}

#[derive(Clone, Debug)]
struct Field {
    name: Cow<'static, str>,
    /// In a row.
    columns: Range<usize>,
    numbers: Numbers,
    velocity: Option<Velocity>,
    sampling: FieldSampling,
}

/// A component as it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown<T> {
    /// Its value.
    pub value: T,
    /// What the value is made of.
    pub freshness: Freshness,
}

impl<T: Quantized> ComponentSampler<T> {
    /// A sampler of the component that stands at this place of the schema; none unless its fields are those of `T`.
    pub fn new(schema: &SnapshotSchema, component: ComponentId) -> Option<Self> {
        let described = schema.component(component)?;
        if described.fields != ComponentSchema::of::<T>("").fields {
            return None;
        }
        let columns = schema.columns_of(component);
        let mut next = columns.start;
        let fields = described.fields.iter().map(|field| {
            let columns = next..next + field.kind.columns();
            next = columns.end;
            let group = schema.groups().iter().find(|group| group.column == columns.start);
            let velocity = group.and_then(|group| match &group.kind {
                GroupKind::Numbers(numbers) => numbers.velocity,
                _ => None,
            });
            let numbers = Numbers::of(&field.kind);
            let sampling = FieldSampling::new(numbers.usual_mode(&field.kind, velocity.is_some()));
            Field { name: field.name.clone(), columns, numbers, velocity, sampling }
        });
        Some(Self {
            component,
            fields: fields.collect(),
            values: vec![0; columns.len()],
            columns,
            places: schema.blobs_of(component),
            blobs: Blobs::new(),
            value: PhantomData,
        })
    }

    /// How a field is sampled, to be changed; a field of a field is named with a dot.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut FieldSampling> {
        self.fields.iter_mut().find(|field| field.name == name).map(|field| &mut field.sampling)
    }

    /// The component of an entity at a moment; none when the entity doesn't have it there. It appears when render time
    /// reaches the first state that has it, and is gone with the event that says so.
    pub fn sample(
        &mut self,
        receiver: &SnapshotReceiver,
        time: &RenderTime,
        limits: &ExtrapolationLimits,
        entity: NetEntity,
    ) -> Option<Shown<T>> {
        let bracket = Bracket::find(time, limits, around(receiver, time, entity))?;
        let [from, to, newest] = [bracket.from, bracket.to, bracket.newest].map(|wanted| {
            let (_, state, row) = receiver.rows(entity).find(|(tick, ..)| *tick == wanted)?;
            Shape(state.shapes[row]).has(self.component).then_some((state, row))
        });
        let reached = bracket.phase() >= 1.0;
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) => (from, to),
            (None, Some(to)) if reached => (to, to),
            (Some(from), None) if !reached => (from, from),
            _ => return None,
        };
        let (step, step_row) = if reached { to } else { from };
        self.blobs.clear();
        self.places.clone().for_each(|place| self.blobs.push(step.blobs.get(step_row, place)));
        let [from, to, newest] = [from, to, newest.unwrap_or(to)].map(|(state, row)| state.row(row));
        let rows = Rows { from, to, newest };
        for field in &self.fields {
            let columns = field.columns.start - self.columns.start..field.columns.end - self.columns.start;
            field.sample(&bracket, &rows, self.values.get_mut(columns)?);
        }
        let value = T::from_columns(&self.values, &self.blobs).ok()?;
        Some(Shown { value, freshness: bracket.freshness })
    }
}

/// The ticks around a moment at which an entity is held: no further back than the two before it.
fn around(
    receiver: &SnapshotReceiver,
    time: &RenderTime,
    entity: NetEntity,
) -> impl Iterator<Item = netcord_wire::Tick> {
    let mut before = 0;
    let ticks = receiver.rows(entity).map(|(tick, ..)| tick);
    let now = time.tick;
    ticks.take_while(move |tick| {
        before += u32::from(!tick.is_after(now));
        before <= 2
    })
}

struct Rows<'a> {
    from: &'a [i32],
    to: &'a [i32],
    newest: &'a [i32],
}

impl Field {
    fn sample(&self, bracket: &Bracket, rows: &Rows<'_>, out: &mut [i32]) {
        let columns = |row: &'_ [i32]| -> [i32; MAX_NUMBERS] {
            let mut columns = [0; MAX_NUMBERS];
            let own = row.get(self.columns.clone()).unwrap_or_default();
            columns.iter_mut().zip(own).for_each(|(column, &value)| *column = value);
            columns
        };
        let step = if bracket.phase() >= 1.0 { rows.to } else { rows.from };
        let as_it_is = match (&self.numbers, self.sampling.mode) {
            (_, Interpolation::None) => Some(rows.newest),
            (Numbers::Symbols, _) | (_, Interpolation::Snap) => Some(step),
            _ => None,
        };
        if let Some(row) = as_it_is {
            out.copy_from_slice(row.get(self.columns.clone()).unwrap_or_default());
            return;
        }
        let [mut from, mut to, mut sampled] = [[0.0; MAX_NUMBERS]; 3];
        let count = self.numbers.read(&columns(rows.from)[..out.len()], &mut from);
        self.numbers.read(&columns(rows.to)[..out.len()], &mut to);
        let velocities =
            self.velocity.map(|velocity| [rows.from, rows.to].map(|row| self.speeds(velocity, row)));
        let velocity = |place: usize| velocities.as_ref().map_or(&[][..], |both| &both[place][..count]);
        let at = |tick| {
            let (value, place) = if tick == bracket.from { (&from, 0) } else { (&to, 1) };
            Some(Point { value: &value[..count], velocity: velocity(place) })
        };
        self.sampling.sample(bracket, at, &mut sampled[..count]);
        self.numbers.write(&sampled, out);
    }

    /// By how much each number changes in a tick.
    fn speeds(&self, velocity: Velocity, row: &[i32]) -> [f32; MAX_NUMBERS] {
        std::array::from_fn(|axis| {
            let column = row.get(velocity.column + axis).copied().unwrap_or(velocity.rest);
            let steps = f64::from(column) - f64::from(velocity.rest);
            (steps * velocity.factor as f64 / 65_536.0 * self.numbers.step()) as f32
        })
    }
}
