//! Sandboxes as operations of the control interface: list, set up, reset, delete.

use std::sync::Arc;

use poem_openapi::{ApiResponse, OpenApi, param::Path, payload::Json};

use super::{
    model::{Area, Problem, Time},
    world::{Sandbox, Sandboxes, Setting},
};
use crate::{
    mock::Mock,
    net::scribe::Scribe,
    plan,
    sandbox::{self, DEFAULT, Name, Unnameable},
};

/// The operations on sandboxes.
pub(super) struct Worlds {
    pub(super) mock: Arc<Mock>,
    pub(super) scribe: Scribe,
}

#[derive(ApiResponse)]
enum Listed {
    /// The sandboxes.
    #[oai(status = 200, content_type = "application/json")]
    Sandboxes(Json<Sandboxes>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Shown {
    /// The sandbox as it is now.
    #[oai(status = 200, content_type = "application/json")]
    Sandbox(Json<Sandbox>),
    /// This is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// There is no sandbox of this name.
    #[oai(status = 404, content_type = "application/problem+json")]
    Unknown(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum SetUp {
    /// The sandbox as it is now.
    #[oai(status = 200, content_type = "application/json")]
    Sandbox(Json<Sandbox>),
    /// This is no name, or cannot be set.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Deleted {
    /// It is gone, and what it was asked is forgotten.
    #[oai(status = 204)]
    Gone,
    /// This is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// There is no sandbox of this name.
    #[oai(status = 404, content_type = "application/problem+json")]
    Unknown(Json<Problem>),
    /// The default sandbox stays.
    #[oai(status = 409, content_type = "application/problem+json")]
    Stays(Json<Problem>),
}

super::refuses_what_it_cannot_read!(Shown, SetUp, Deleted);

#[expect(clippy::unused_async, reason = "the macro calls these as asynchronous functions")]
#[OpenApi]
impl Worlds {
    /// Lists the sandboxes: the default one, then the others by name.
    #[oai(path = "/sandboxes", method = "get", tag = "Area::Sandboxes", operation_id = "listSandboxes")]
    async fn list(&self) -> Listed {
        let pool = self.mock.sandboxes();
        Listed::Sandboxes(Json(Sandboxes {
            sandboxes: pool.all().iter().map(|sandbox| shown(sandbox)).collect(),
            most: pool.most() as u64,
            dropped: pool.dropped(),
        }))
    }

    /// Shows a sandbox; it is made when a request first names it.
    #[oai(path = "/sandboxes/:name", method = "get", tag = "Area::Sandboxes", operation_id = "getSandbox")]
    async fn get(&self, name: Path<String>) -> Shown {
        match self.find(&name.0) {
            Ok(sandbox) => Shown::Sandbox(Json(shown(&sandbox))),
            Err(Missing::Unnameable(problem)) => Shown::Refused(problem),
            Err(Missing::Unknown(problem)) => Shown::Unknown(problem),
        }
    }

    /// Sets a sandbox up, which is made where there is none of this name.
    #[oai(path = "/sandboxes/:name", method = "put", tag = "Area::Sandboxes", operation_id = "setUpSandbox")]
    async fn set_up(&self, name: Path<String>, setting: Json<Setting>) -> SetUp {
        match named(&name.0) {
            Ok(name) => {
                let sandbox = self.mock.sandbox(&name);
                if let Some(seed) = &setting.0.seed {
                    sandbox.set_seed(plan::seed(seed));
                }
                SetUp::Sandbox(Json(shown(&sandbox)))
            }
            Err(problem) => SetUp::Refused(problem),
        }
    }

    /// Makes a sandbox as if nobody had used it: its clock, its seed, its state; and forgets what it was asked.
    #[oai(
        path = "/sandboxes/:name/reset",
        method = "post",
        tag = "Area::Sandboxes",
        operation_id = "resetSandbox"
    )]
    async fn reset(&self, name: Path<String>) -> Shown {
        match self.find(&name.0) {
            Ok(sandbox) => {
                sandbox.reset();
                self.scribe.journal().clear(Some(&name.0));
                Shown::Sandbox(Json(shown(&sandbox)))
            }
            Err(Missing::Unnameable(problem)) => Shown::Refused(problem),
            Err(Missing::Unknown(problem)) => Shown::Unknown(problem),
        }
    }

    /// Deletes a sandbox, and forgets what it was asked; who names it again gets a new one.
    #[oai(
        path = "/sandboxes/:name",
        method = "delete",
        tag = "Area::Sandboxes",
        operation_id = "deleteSandbox"
    )]
    async fn delete(&self, name: Path<String>) -> Deleted {
        if name.0 == DEFAULT {
            return Deleted::Stays(Json(Problem {
                title: "The default sandbox stays".to_owned(),
                status: 409,
                detail: "who names no sandbox needs it; it can be reset".to_owned(),
            }));
        }
        match self.find(&name.0) {
            Ok(_) => {
                self.mock.sandboxes().delete(&name.0);
                self.scribe.journal().clear(Some(&name.0));
                Deleted::Gone
            }
            Err(Missing::Unnameable(problem)) => Deleted::Refused(problem),
            Err(Missing::Unknown(problem)) => Deleted::Unknown(problem),
        }
    }
}

/// Why there is no sandbox to act on.
enum Missing {
    Unnameable(Json<Problem>),
    Unknown(Json<Problem>),
}

impl Worlds {
    fn find(&self, name: &str) -> Result<Arc<sandbox::Sandbox>, Missing> {
        let name = named(name).map_err(Missing::Unnameable)?;
        self.mock.sandboxes().get(name.as_str()).ok_or_else(|| {
            let detail = format!("there is no sandbox `{name}`; it is made when a request first names it");
            let title = "No such sandbox".to_owned();
            Missing::Unknown(Json(Problem { title, status: 404, detail }))
        })
    }
}

fn named(text: &str) -> Result<Name, Json<Problem>> {
    text.parse().map_err(|error: Unnameable| super::refused(&format!("{error}; {}", Unnameable::HELP)))
}

fn shown(sandbox: &sandbox::Sandbox) -> Sandbox {
    let clock = sandbox.clock();
    Sandbox {
        name: sandbox.name().to_string(),
        clock: Time { now: clock.now().to_string(), frozen: clock.is_frozen() },
        seed: sandbox.seed().to_string(),
        requests: sandbox.requests(),
        used: sandbox.used().to_string(),
    }
}
