//! Contracts: those of the repository against the real binary, and the steps, actions and criteria of Arazzo in memory.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the documents that it is about"
)]

#[expect(dead_code, reason = "no test here talks plain TCP")]
mod server;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
    time::Duration,
};

use http::StatusCode;
use serde_json::{Value, json};
use standin::{
    api,
    contract::{self, Contract},
    document::{self, Source},
    exchange::{Handler, Reply, Request, Response},
    verify::contract::{End, Performed, Runner, Terms, Wait},
};

use crate::server::{Server, file};

fn verify(contracts: &Path, server: &Server) -> Output {
    let url = format!("http://{}", server.address);
    Command::new(env!("CARGO_BIN_EXE_standin"))
        .env_clear()
        .args(["verify", "--url", &url, "--server", &format!("control={url}/_standin"), "--contracts"])
        .arg(contracts)
        .output()
        .unwrap()
}

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn the_mock_keeps_the_contracts_of_the_repository() {
    let server = Server::start("contracts-kept", &["mock"]);
    let output = verify(&repository("contracts"), &server);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(told.matches(": kept\n").count(), 13, "{told}");
}

/// A document with one change, the contract that this breaks, and the workflow in which it does.
const BROKEN: [(&str, &str, &str, &str); 4] = [
    ("rockitplay", "lives 24 h", "lives 23 h", "session-token-expires"),
    ("rhombus", "- apiKey: []", "- {}", "api-key-missing"),
    ("rhombus", "durationSec", "seconds", "token-expires"),
    ("device-sessions", "minLength: 1", "minLength: 0", "identifier-invalid"),
];

#[test]
fn a_mock_of_a_changed_document_breaks_the_contract() {
    for (name, from, to, workflow) in BROKEN {
        let sound = fs::read_to_string(repository(&format!("openapi/{name}.yaml"))).unwrap();
        let changed = sound.replace(from, to);
        assert_ne!(changed, sound, "{name}");
        let document = file(&format!("contracts-{workflow}.yaml"));
        fs::write(&document, changed).unwrap();
        let server = Server::start(&format!("contracts-{workflow}"), &["mock", document.to_str().unwrap()]);
        let contract = repository(&format!("contracts/{name}.arazzo.yaml"));
        let output = verify(&contract, &server);
        let told = String::from_utf8_lossy(&output.stderr);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{told}{shown}");
        assert!(told.contains(&format!(": {workflow}: broken")), "{told}");
        assert!(shown.contains("contract-criterion") && shown.contains("again     curl -i"), "{shown}");
    }
}

const SHOP: &str = "
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /pets:
    post:
      operationId: createPet
      parameters: [{name: tag, in: query, schema: {type: string}}]
      requestBody:
        content:
          application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
      responses:
        '201':
          description: The pet
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}
        '503': {description: Later}
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {description: The pet, content: {application/json: {schema: {type: object}}}}}
";

/// Answers with what it is given, one after the other, and keeps what it was asked.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<(u16, Value)>>,
    asked: Mutex<Vec<(String, Option<String>, Value)>>,
}

impl Handler for Scripted {
    async fn handle(&self, request: Request) -> Reply {
        let body = serde_json::from_slice(request.bytes()).unwrap_or(Value::Null);
        let target = format!("{} {}", request.method, request.path);
        self.asked.lock().unwrap().push((target, request.query.clone(), body));
        let mut answers = self.answers.lock().unwrap();
        let (status, body) = if answers.is_empty() { (200, json!({})) } else { answers.remove(0) };
        let mut response = Response::empty(StatusCode::from_u16(status).unwrap());
        if !body.is_null() {
            response.headers.insert("content-type", http::HeaderValue::from_static("application/json"));
            response.body = body.to_string().into();
        }
        Reply::new(response, "scripted")
    }
}

/// Keeps how long it was asked to wait, and does not.
#[derive(Default)]
struct Waited(Mutex<Vec<Duration>>);

impl Wait for &Waited {
    async fn wait(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

fn contract(workflows: &str) -> Contract {
    let text = format!(
        "arazzo: 1.0.1\ninfo: {{title: t, version: '1'}}\nsourceDescriptions: [{{name: shop, url: shop.yaml}}]\n{workflows}"
    );
    let load = |name: &str, text: &str| Source::Text { name: name.to_owned(), text: text.into() };
    let shop = document::load(&load("shop.yaml", SHOP)).unwrap();
    let (api, _) = api::read(Arc::new(shop)).unwrap();
    let document = Arc::new(document::alone(&load("t.arazzo.yaml", &text)).unwrap());
    contract::read(&document, vec![Some(Arc::new(api))]).unwrap()
}

struct Came {
    performed: Performed,
    asked: Vec<(String, Option<String>, Value)>,
    waited: Vec<Duration>,
}

impl Came {
    fn targets(&self) -> Vec<&str> {
        self.asked.iter().map(|(target, ..)| target.as_str()).collect()
    }

    fn ends(&self) -> Vec<End> {
        self.performed.workflows.iter().map(|(_, end)| *end).collect()
    }

    fn breaches(&self) -> Vec<String> {
        let told = |breach: &standin::verify::contract::Breach| {
            format!("{}: {}", breach.check, breach.finding.message)
        };
        self.performed.breaches.iter().map(told).collect()
    }
}

fn came(workflows: &str, answers: &[(u16, Value)]) -> Came {
    let contract = contract(workflows);
    let targets = [Scripted { answers: Mutex::new(answers.to_vec()), ..Scripted::default() }];
    let waited = Waited::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let performed = runtime.block_on(Runner::new(&contract, &targets, &waited, Terms::default()).run());
    let [target] = targets;
    Came { performed, asked: target.asked.into_inner().unwrap(), waited: waited.0.into_inner().unwrap() }
}

#[test]
fn values_go_from_step_to_step_and_from_workflow_to_workflow() {
    let came = came(
        "
workflows:
  - workflowId: read
    dependsOn: [make]
    steps:
      - stepId: get
        operationPath: $sourceDescriptions.shop#/paths/~1pets~1{id}/get
        parameters: [{name: id, in: path, value: $workflows.make.outputs.pet}]
        successCriteria: [{condition: '{$statusCode == 200}'}, {context: $response.body, condition: $.name == 'Rex', type: jsonpath}]
  - workflowId: make
    inputs: {type: object, required: [name], properties: {name: {type: string, default: Rex}}}
    steps:
      - stepId: create
        operationId: shop.createPet
        parameters: [{name: tag, in: query, value: 'a {$inputs.name}'}]
        requestBody:
          payload: {name: none, kind: dog}
          replacements: [{target: /name, value: $inputs.name}, {target: /age, value: 7}]
        outputs: {id: $response.body.id}
    outputs: {pet: $steps.create.outputs.id}
",
        &[(201, json!({"id": 9})), (200, json!({"name": "Rex"}))],
    );
    assert_eq!(came.breaches(), [""; 0]);
    assert_eq!(came.ends(), [End::Kept, End::Kept]);
    assert_eq!(came.targets(), ["POST /pets", "GET /pets/9"]);
    assert_eq!(came.asked[0].1.as_deref(), Some("tag=a%20Rex"));
    assert_eq!(came.asked[0].2, json!({"name": "Rex", "kind": "dog", "age": 7}));
}

const RETRY: &str = "
workflows:
  - workflowId: make
    steps:
      - stepId: create
        operationId: createPet
        x-standin-wait: 5m
        requestBody: {payload: {name: Rex}}
        successCriteria: [{condition: $statusCode == 201}]
        onFailure:
          - {name: later, type: retry, retryAfter: 1.5, retryLimit: 2, criteria: [{condition: $statusCode == 503}]}
";

#[test]
fn a_step_is_tried_again_and_only_the_last_attempt_counts() {
    let later = (503, Value::Null);
    let came = came(RETRY, &[later.clone(), later, (201, json!({"id": 1}))]);
    assert_eq!(came.breaches(), [""; 0]);
    let (wait, pause) = (Duration::from_secs(300), Duration::from_millis(1500));
    assert_eq!(came.waited, [wait, pause, wait, pause, wait]);
    assert_eq!(
        came.performed.steps.iter().map(|step| step.end).collect::<Vec<_>>(),
        [End::Retried, End::Retried, End::Kept]
    );
}

#[test]
fn retries_end_at_their_limit_and_where_their_criteria_do_not_hold() {
    let later = (503, Value::Null);
    let came_late = came(RETRY, &[later.clone(), later.clone(), later]);
    assert_eq!(came_late.asked.len(), 3);
    assert_eq!(
        came_late.breaches(),
        ["contract-criterion: `$statusCode == 201` does not hold: `$statusCode` is 503"]
    );
    let came_never = came(RETRY, &[(400, Value::Null)]);
    assert_eq!(came_never.asked.len(), 1);
    assert_eq!(came_never.ends(), [End::Broken]);
}

#[test]
fn an_exchange_must_satisfy_its_document_besides_the_criteria() {
    let workflow = "
workflows:
  - workflowId: make
    steps:
      - stepId: create
        operationId: createPet
        requestBody: {payload: {nam: Rex}}
        successCriteria: [{condition: $statusCode == 201}]
  - workflowId: after
    dependsOn: [make]
    steps: [{stepId: create, operationId: createPet}]
";
    let came = came(workflow, &[(201, json!({"id": "nine"}))]);
    let breaches = came.breaches();
    assert_eq!(breaches.len(), 2, "{breaches:?}");
    assert!(breaches[0].starts_with("contract-request: body"), "{breaches:?}");
    assert!(breaches[1].starts_with("response-schema: body at `/id`"), "{breaches:?}");
    // What depends on a broken workflow is not tried.
    assert_eq!((came.ends(), came.asked.len()), (vec![End::Broken, End::Left], 1));
}

#[test]
fn a_failed_step_breaks_its_workflow_also_where_an_action_cleans_up() {
    let came = came(
        "
workflows:
  - workflowId: make
    failureActions: [{name: clean, type: goto, stepId: clean}]
    steps:
      - {stepId: create, operationId: createPet, successCriteria: [{condition: $statusCode == 201}]}
      - {stepId: never, operationId: createPet}
      - stepId: clean
        operationId: getPet
        parameters: [{name: id, in: path, value: 1}]
        onSuccess: [{name: done, type: end}]
      - {stepId: past, operationId: createPet}
",
        &[(503, Value::Null)],
    );
    assert_eq!(came.targets(), ["POST /pets", "GET /pets/1"]);
    assert_eq!((came.ends(), came.breaches().len()), (vec![End::Broken], 1));
}

#[test]
fn a_workflow_calls_another_which_is_not_run_by_itself() {
    let came = came(
        "
workflows:
  - workflowId: make
    inputs: {type: object, required: [name], properties: {name: {type: string}}}
    steps:
      - {stepId: create, operationId: createPet, requestBody: {payload: {name: $inputs.name}}, outputs: {id: $response.body#/id}}
    outputs: {id: $steps.create.outputs.id}
  - workflowId: use
    steps:
      - {stepId: make, workflowId: make, parameters: [{name: name, value: Rex}]}
      - {stepId: get, operationId: getPet, parameters: [{name: id, in: path, value: $steps.make.outputs.id}]}
",
        &[(201, json!({"id": 4}))],
    );
    assert_eq!(came.breaches(), [""; 0]);
    assert_eq!(came.targets(), ["POST /pets", "GET /pets/4"]);
    assert_eq!(came.performed.workflows, [(1, End::Kept)]);
}

#[test]
fn what_goes_round_for_ever_is_ended_and_told() {
    let came = came(
        "
workflows:
  - workflowId: round
    steps:
      - stepId: get
        operationId: getPet
        parameters: [{name: id, in: path, value: 1}]
        onSuccess: [{name: again, type: goto, stepId: get}]
  - workflowId: deep
    steps: [{stepId: down, workflowId: deep}]
",
        &[],
    );
    assert_eq!(came.asked.len(), 1000);
    assert_eq!(
        came.breaches(),
        [
            "contract-step: the workflow does not end within 1000 steps",
            "contract-step: workflows call each other without end",
        ]
    );
}

#[test]
fn a_step_that_lacks_a_value_is_not_sent() {
    let came = came(
        "
workflows:
  - workflowId: make
    steps:
      - {stepId: create, operationId: createPet, outputs: {id: $response.body#/uuid}}
      - {stepId: get, operationId: getPet, parameters: [{name: id, in: path, value: $steps.create.outputs.id}]}
",
        &[(201, json!({"id": 1}))],
    );
    assert_eq!(came.asked.len(), 1);
    assert_eq!(
        came.breaches(),
        ["contract-step: the step cannot be sent: `$steps.create.outputs.id` has no value"]
    );
}
