//! The examples of `API.md`, as they stand there, in a shell.

use super::host::Host;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../API.md");

#[test]
fn the_examples_of_the_documentation_do_what_they_say() {
    let server = Host::start();
    let folder = tempfile::tempdir().expect("a folder");
    server.write_files(folder.path());
    let examples = examples();
    let script: String =
        examples.iter().map(|example| format!("{}\nprintf '{MARK}'\n", example.commands)).collect();
    let printed = run(&format!("set -eu\n{script}"), &server.url(), folder.path());
    let printed: Vec<_> = printed.split(MARK).collect();
    assert_eq!(printed.len(), examples.len() + 1);
    for (example, printed) in examples.iter().zip(printed) {
        if let Some(answer) = &example.answer {
            let printed = serde_json::from_str(printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
            assert_alike(answer, &printed, &example.commands);
        }
    }
}

#[test]
fn the_documentation_has_an_example_of_each_operation() {
    let examples = examples();
    let asked: Vec<_> = examples.iter().flat_map(|example| asked(&example.commands)).collect();
    let described: Value = serde_json::from_str(include_str!("../../openapi.json")).expect("JSON");
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let found = asked.iter().any(|(asked, at)| asked.eq_ignore_ascii_case(method) && fits(path, at));
            assert!(found, "no example of {method} {path}");
        }
    }
}

/// The method and the path of each request that these commands make.
fn asked(commands: &str) -> Vec<(&str, &str)> {
    let until = |text: &'static str| move |c: char| text.contains(c);
    let lines = commands.lines().filter_map(|line| match line.strip_prefix("signed ") {
        Some(rest) => {
            let (method, rest) = rest.split_once(' ')?;
            let quoted = rest.strip_prefix(until("'\""));
            let end = if quoted.is_some() { until("'\"?") } else { until(" ?") };
            Some((method, quoted.unwrap_or(rest).split(end).next()?))
        }
        None => Some(("GET", line.split_once("\"$URL")?.1.split(until("\"?")).next()?)),
    });
    lines.collect()
}

fn fits(template: &str, path: &str) -> bool {
    let (expected, parts): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let same = |(expected, part): (&&str, &&str)| expected.starts_with('{') || expected == part;
    expected.len() == parts.len() && expected.iter().zip(&parts).all(same)
}

/// What stands between what two examples print.
const MARK: &str = "=====";

/// Commands, and the answer that the page shows below them.
struct Example {
    commands: String,
    answer: Option<Value>,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in PAGE.split("\n```").skip(1) {
        if let Some(commands) = block.strip_prefix("sh\n") {
            examples.push(Example { commands: commands.to_owned(), answer: None });
        } else if let Some(answer) = block.strip_prefix("json\n") {
            let answer = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
            examples.last_mut().expect("commands").answer = Some(answer);
        }
    }
    assert!(examples.len() > 10);
    examples
}

fn run(script: &str, url: &str, folder: &Path) -> String {
    let file = folder.join("examples.sh");
    fs::write(&file, script).expect("a script");
    let output = Command::new("sh").arg(&file).current_dir(folder).env("URL", url).output().expect("a shell");
    let (printed, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the examples fail:\n{printed}\n{complaints}");
    printed.into_owned()
}

/// The values differ; the names and the types are the same, but in what each game calls its own.
fn assert_alike(shown: &Value, printed: &Value, example: &str) {
    match (shown, printed) {
        (Value::Object(shown), Value::Object(printed)) => {
            let (names, printed_names): (BTreeSet<_>, BTreeSet<_>) =
                (shown.keys().collect(), printed.keys().collect());
            assert_eq!(names, printed_names, "{example}");
            for (name, shown) in shown.iter().filter(|(name, _)| *name != "details") {
                assert_alike(shown, &printed[name], example);
            }
        }
        (Value::Array(shown), Value::Array(printed)) => {
            for (shown, printed) in shown.iter().zip(printed) {
                assert_alike(shown, printed, example);
            }
            assert_eq!(shown.is_empty(), printed.is_empty(), "{example}");
        }
        _ => {
            let same = std::mem::discriminant(shown) == std::mem::discriminant(printed);
            assert!(same, "{shown} in the page, {printed} in earnest: {example}");
        }
    }
}
