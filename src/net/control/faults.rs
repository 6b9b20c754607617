//! What goes wrong on purpose, as operations of the control interface: told, asked for, and let be.

use std::sync::Arc;

use poem_openapi::{ApiResponse, Object, OpenApi, param::Header, payload::Json};

use super::{
    conflict,
    model::{Area, Problem},
    refused,
};
use crate::{
    mock::{Mock, Trouble, Wanted},
    sandbox::{Fault, Name, Sandbox, Unnameable},
    schema::Temper,
};

/// The operations on faults.
pub(super) struct Troubles {
    pub(super) mock: Arc<Mock>,
}

/// What goes wrong in a sandbox because it is asked for.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Faults {
    /// The faults, such as `delay=100ms..2s`, `listPets: error=503 at 5%`, `drop at 1%`, `truncate`, `slow=1000B/s`.
    #[oai(validator(max_items = 100))]
    faults: Vec<String>,
    /// Whether answers are such as few expect, and right all the same.
    #[oai(default)]
    surprise: bool,
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Troubled {
    /// What goes wrong.
    #[oai(status = 200, content_type = "application/json")]
    Faults(Json<Faults>),
    /// One of them is no fault, or the sandbox is named by what is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// One of them contradicts itself.
    #[oai(status = 409, content_type = "application/problem+json")]
    Impossible(Json<Problem>),
}

impl Troubled {
    #[expect(clippy::needless_pass_by_value, reason = "the macro hands the error over")]
    fn unreadable(error: poem::Error) -> Self {
        Self::Refused(refused(&error.to_string()))
    }
}

#[expect(clippy::unused_async, reason = "the macro calls these as asynchronous functions")]
#[OpenApi]
impl Troubles {
    /// Tells what goes wrong in a sandbox because it is asked for.
    #[oai(path = "/faults", method = "get", tag = "Area::Faults", operation_id = "getFaults")]
    async fn tell(
        &self,
        /// The sandbox that it is about; without it the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Header<Option<String>>,
    ) -> Troubled {
        self.named(sandbox.0.as_deref()).map_or_else(refusal, |sandbox| self.told(&sandbox))
    }

    /// Asks for faults in the place of all that were asked for; the requests that meet them are counted anew.
    #[oai(path = "/faults", method = "put", tag = "Area::Faults", operation_id = "setFaults")]
    async fn ask(
        &self,
        /// The sandbox that it is about; without it the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Header<Option<String>>,
        wanted: Json<Faults>,
    ) -> Troubled {
        let faults: Result<Vec<Fault>, String> = wanted.0.faults.iter().map(|text| text.parse()).collect();
        // They are of their form, or they would not have come here.
        let faults = match faults {
            Ok(faults) => faults,
            Err(why) => return Troubled::Impossible(conflict("There is no such fault", &why)),
        };
        match self.named(sandbox.0.as_deref()) {
            Ok(sandbox) => {
                let temper = if wanted.0.surprise { Temper::Surprising } else { Temper::Usual };
                let wanted = Wanted { faults: Some(faults), temper: Some(temper) };
                sandbox.kept::<Trouble>().want(wanted);
                self.told(&sandbox)
            }
            Err(why) => refusal(why),
        }
    }

    /// Lets go wrong what the options say, and no more.
    #[oai(path = "/faults", method = "delete", tag = "Area::Faults", operation_id = "resetFaults")]
    async fn reset(
        &self,
        /// The sandbox that it is about; without it the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Header<Option<String>>,
    ) -> Troubled {
        match self.named(sandbox.0.as_deref()) {
            Ok(sandbox) => {
                sandbox.kept::<Trouble>().want(Wanted::default());
                self.told(&sandbox)
            }
            Err(why) => refusal(why),
        }
    }
}

impl Troubles {
    fn named(&self, name: Option<&str>) -> Result<Arc<Sandbox>, String> {
        let Some(name) = name else { return Ok(Arc::clone(self.mock.sandboxes().default())) };
        let name: Name = name.parse().map_err(|error| format!("{error}; {}", Unnameable::HELP))?;
        Ok(self.mock.sandbox(&name))
    }

    fn told(&self, sandbox: &Sandbox) -> Troubled {
        let wanted = sandbox.kept::<Trouble>().wanted();
        let faults = wanted.faults.as_ref().unwrap_or(&self.mock.options().troubles);
        let temper = wanted.temper.unwrap_or(self.mock.options().temper);
        Troubled::Faults(Json(Faults {
            faults: faults.iter().map(ToString::to_string).collect(),
            surprise: temper == Temper::Surprising,
        }))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it ends here")]
fn refusal(why: String) -> Troubled {
    Troubled::Refused(refused(&why))
}
