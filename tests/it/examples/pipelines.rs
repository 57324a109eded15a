//! Pipelines and images: the commands of each example, in the environment that its service
//! gives them.

use super::blocks::under;
use super::scene::Scene;
use crate::rig::python;
use serde_json::Value;

const READ_YAML: &str = "import json, sys\nfrom ruamel.yaml import YAML\n\
    json.dump(YAML(typ='safe', pure=True).load(sys.stdin), sys.stdout)";

/// The only YAML block under a heading, read by Python. `None`: there is no Python.
fn yaml(scene: &Scene, heading: &str) -> Option<Value> {
    let texts = under("automation.md", heading, "yaml");
    let python = python::folder()?.join("python");
    let mut command = scene.rig.home.command(&scene.git, python);
    command.args(["-c", READ_YAML]);
    let read = scene.rig.run(command, texts[0].as_bytes()).expect_success();
    Some(serde_json::from_str(&read.stdout).expect("JSON"))
}

/// A list of commands as one script.
fn script(lines: &Value) -> String {
    let lines = lines.as_array().expect("a list").iter();
    let lines: Vec<&str> = lines
        .map(|line| line.as_str().expect("a command"))
        .collect();
    lines.join("\n")
}

#[test]
fn bitbucket_pipelines() {
    for mut scene in Scene::each() {
        let Some(read) = yaml(&scene, "Bitbucket Pipelines") else {
            return;
        };
        let token = scene.token.clone();
        for (name, value) in [
            ("CI", "true"),
            ("BITBUCKET_BUILD_NUMBER", "17"),
            ("BITBUCKET_TOKEN", &token),
        ] {
            scene.rig.home.set(name, value);
        }
        scene.clones(&script(&read["pipelines"]["default"][0]["step"]["script"]));
    }
}

#[test]
fn github_actions() {
    for mut scene in Scene::each() {
        let Some(read) = yaml(&scene, "GitHub Actions") else {
            return;
        };
        let job = &read["jobs"]["build"];
        let secret = job["env"]["BITBUCKET_TOKEN"].as_str();
        assert_eq!(secret, Some("${{ secrets.BITBUCKET_TOKEN }}"));
        assert_eq!(read["on"], "push");
        let token = scene.token.clone();
        scene.rig.home.set("BITBUCKET_TOKEN", token);
        scene.rig.home.set("GITHUB_ACTIONS", "true");
        scene.clones(job["steps"][0]["run"].as_str().expect("a script"));
    }
}

/// GitLab writes the variable's value to a file that others can read.
#[test]
fn gitlab_ci() {
    for mut scene in Scene::each() {
        let Some(read) = yaml(&scene, "GitLab CI") else {
            return;
        };
        let file = scene.rig.home.add_file("work/variable", &scene.token);
        scene.rig.home.set("BITBUCKET_TOKEN_FILE", file);
        scene.rig.home.set("GITLAB_CI", "true");
        scene.clones(&script(&read["build"]["script"]));
    }
}

/// Jenkins runs a step by `sh -xe`, which repeats each command.
#[test]
fn jenkins() {
    let texts = under("automation.md", "Jenkins", "groovy");
    let parts: Vec<&str> = texts[0].split("'''").collect();
    let [before, steps, after] = parts[..] else {
        panic!("one step: {texts:?}")
    };
    assert!(before.contains("variable: 'BITBUCKET_TOKEN'"));
    let braces = |brace| before.matches(brace).count() + after.matches(brace).count();
    assert_eq!(braces('{'), braces('}'));
    for mut scene in Scene::each() {
        let token = scene.token.clone();
        scene.rig.home.set("BITBUCKET_TOKEN", token);
        scene
            .rig
            .home
            .set("JENKINS_URL", "http://jenkins.example.com/");
        scene.clones(&format!("set -x\n{steps}"));
    }
}

/// Without an engine: the commands one after the other, the secret where they look for it.
#[test]
fn docker() {
    let texts = under("automation.md", "Docker", "dockerfile");
    for scene in Scene::each() {
        let secret = scene.token_file("secrets/bitbucket");
        let mut commands = Vec::new();
        for line in texts[0].lines().filter(|line| !line.starts_with('#')) {
            let (instruction, rest) = line.split_once(' ').expect("an instruction");
            if instruction == "RUN" {
                let words = rest.split(' ');
                let words: Vec<&str> = words.skip_while(|word| word.starts_with("--")).collect();
                commands.push(
                    words
                        .join(" ")
                        .replace("/run/secrets/bitbucket", &secret.replace(' ', "\\ ")),
                );
            } else {
                assert_eq!(instruction, "FROM");
            }
        }
        assert_eq!(commands.len(), 2);
        scene.clones(&commands.join("\n"));
        let build = &under("automation.md", "Docker", "sh")[0];
        let said = scene.step(&format!("docker() {{ echo \"$1 $3\"; }}\n{build}"));
        let secret = "build id=bitbucket,env=BITBUCKET_TOKEN\n";
        assert_eq!(said.expect_success().stdout, secret);
    }
}
