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
    let described: Value = serde_json::from_str(include_str!("../../openapi.json")).expect("JSON");
    let described: BTreeSet<_> = described["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(move |method| (method, path))
        })
        .map(|(method, path)| format!("{} {path}", method.to_uppercase()))
        .collect();
    assert_eq!(server.asked(), described, "each operation has an example");
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
