//! Asks the Python beside this file.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

/// Hands `input` to a script of tests/tools and returns its answer. Fails if the script does.
pub(crate) fn python(script: &str, input: &Value) -> Value {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut child = Command::new(tests.join(".venv/bin/python"))
        .arg("-IB")
        .arg(tests.join("tools").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("tests/.venv must be there, with what tests/tools/requirements.txt names (tests/run makes it)");
    let text = input.to_string();
    let mut stdin = child.stdin.take().expect("a pipe");
    // Read while it is written: neither side may wait for the other.
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("an answer");
    writer.join().expect("a thread").expect("a reader");
    assert!(output.status.success(), "tests/tools/{script} failed: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("JSON")
}
