//! Names that stand for something elsewhere: scopes, the operations of links, runtime expressions, variables of servers,
//! discriminators.

use super::{
    near::nearest,
    structure::ticked,
    walk::{Kind, Position},
};
use crate::{
    api::{Callback, expression_fault},
    document::{self, Node},
    exchange::expression::{Grammar, Template},
    finding::{Code, Finding, Severity},
};

/// What is wrong with names that no `$ref` carries.
pub(super) fn judge(root: &Node<'_>, positions: &[Position<'_>]) -> Vec<Finding> {
    let ids: Vec<&str> = positions
        .iter()
        .filter(|position| position.kind == Kind::Operation)
        .filter_map(|position| position.node.text("operationId"))
        .collect();
    let mut findings = Vec::new();
    for Position { kind, node, .. } in positions {
        match kind {
            Kind::Root | Kind::Operation => findings.extend(scopes(root, node)),
            Kind::Link => {
                findings.extend(link(node, &ids));
                findings.extend(taken(node));
            }
            Kind::Callback => findings.extend(called(node)),
            Kind::Server => findings.extend(server(node)),
            Kind::Schema => findings.extend(discriminator(root, node)),
            _ => {}
        }
    }
    findings
}

/// Scopes that no flow of their scheme declares (OAS 3.1, section 4.8.30).
fn scopes(root: &Node<'_>, holder: &Node<'_>) -> Vec<Finding> {
    let schemes = root.get("components").and_then(|components| components.get("securitySchemes"));
    let Some(schemes) = schemes else { return Vec::new() };
    let mut findings = Vec::new();
    for requirement in holder.get("security").iter().flat_map(Node::items) {
        for (name, list) in requirement.entries() {
            let Some(scheme) = schemes.get(name).filter(|scheme| scheme.text("type") == Some("oauth2"))
            else {
                continue;
            };
            let flows = scheme.get("flows");
            let flows = flows.iter().flat_map(Node::entries).filter_map(|(_, flow)| flow.get("scopes"));
            let declared: Vec<String> = flows
                .flat_map(|scopes| scopes.entries().map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
                .collect();
            for scope in list.items() {
                let Some(asked) =
                    scope.value().as_str().filter(|asked| !declared.iter().any(|name| name == asked))
                else {
                    continue;
                };
                let message = format!("no flow of `{name}` declares the scope `{asked}`");
                let right = offered(asked, &declared, "the flows of the scheme declare no scopes");
                findings.push(scope.error(Code::UndeclaredScope, message).help(right));
            }
        }
    }
    findings
}

/// What would be right: the name that was meant, else all that there are.
fn offered(name: &str, names: &[String], none: &str) -> String {
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`"),
        None if names.is_empty() => none.to_owned(),
        None => format!("there is {}", ticked(names)),
    }
}

/// A link whose operation is not there (OAS 3.1, section 4.8.20).
fn link(node: &Node<'_>, ids: &[&str]) -> Option<Finding> {
    if let Some(at) = node.raw("operationId") {
        let id = at.value().as_str().filter(|id| !ids.contains(id))?;
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let message = format!("no operation has the `operationId` `{id}`");
        return Some(at.error(Code::UnresolvedLink, message).help(offered(
            id,
            &ids,
            "no operation has an `operationId`",
        )));
    }
    let at = node.raw("operationRef")?;
    let reference = at.value().as_str()?;
    let place = document::target(&node.place().file, reference);
    // What stands in a document that is not at hand cannot be told.
    if !node.document().files().contains_key(&place.file) || node.document().at(&place).is_some() {
        return None;
    }
    let right = "it is a pointer to an operation, such as `#/paths/~1pets/get`";
    Some(at.error(Code::UnresolvedLink, format!("`{reference}` names no operation")).help(right))
}

/// What a link takes that begins like an expression and is none (OAS 3.1, section 4.8.20.4). It may be meant as it stands,
/// so it is only a warning.
fn taken(link: &Node<'_>) -> Vec<Finding> {
    let parameters: Vec<Node<'_>> =
        link.raw("parameters").iter().flat_map(Node::entries).map(|(_, value)| value).collect();
    let values = parameters.into_iter().chain(link.raw("requestBody"));
    let malformed = values.filter_map(|node| {
        let text = node.value().as_str()?;
        let fault = Template::parse(text, Grammar::OpenApi).err()?;
        Some(Finding { severity: Severity::Warning, ..expression_fault(&node, text, &fault) })
    });
    malformed.collect()
}

/// The URLs of a callback that are none; those that no operation uses as well.
fn called(callback: &Node<'_>) -> Vec<Finding> {
    let urls = callback.value().as_object().into_iter().flat_map(serde_json::Map::keys);
    let own = urls.filter(|url| !url.starts_with("x-") && *url != "$ref");
    own.filter_map(|url| Some(expression_fault(&callback.raw(url)?, url, &Callback::url(url).err()?)))
        .collect()
}

/// Variables of a server's URL (OAS 3.1, sections 4.8.5 and 4.8.6).
fn server(node: &Node<'_>) -> Vec<Finding> {
    let (Some(url), Some(at)) = (node.text("url"), node.raw("url")) else { return Vec::new() };
    let used: Vec<&str> =
        url.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    let variables: Vec<(&str, Node<'_>)> = node.get("variables").iter().flat_map(Node::entries).collect();
    let mut findings = Vec::new();
    for name in used.iter().filter(|name| !variables.iter().any(|(declared, _)| declared == *name)) {
        let message = format!("the variable `{name}` of the URL is not declared");
        let right = format!("add `{name}` with its `default` under `variables`");
        findings.push(at.error(Code::ServerVariable, message).help(right));
    }
    for (name, variable) in &variables {
        if !used.contains(name) {
            let message = format!("the URL has no variable `{name}`");
            let mut finding = variable.error(Code::ServerVariable, message);
            finding.severity = Severity::Warning;
            findings.push(
                finding.help(format!("write `{{{name}}}` where it belongs, or leave the variable out")),
            );
        }
        let values: Option<Vec<String>> = variable
            .get("enum")
            .map(|list| list.items().filter_map(|item| Some(item.value().as_str()?.to_owned())).collect());
        if let (Some(default), Some(values)) = (variable.raw("default"), values)
            && let Some(text) = default.value().as_str()
            && !values.iter().any(|value| value == text)
        {
            let message = format!("the default `{text}` is none of the values of `enum`");
            findings.push(default.error(Code::ServerVariable, message).help(offered(
                text,
                &values,
                "`enum` is empty",
            )));
        }
    }
    findings
}

/// A discriminator that names a schema that is not there, or a property that its schemas need not have
/// (OAS 3.1, section 4.8.25).
fn discriminator(root: &Node<'_>, schema: &Node<'_>) -> Vec<Finding> {
    let Some(discriminator) = schema.get("discriminator") else { return Vec::new() };
    let names: Vec<String> = root
        .get("components")
        .and_then(|components| components.get("schemas"))
        .map(|schemas| schemas.entries().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default();
    let mut findings = Vec::new();
    for (value, target) in discriminator.get("mapping").iter().flat_map(Node::entries) {
        let Some(text) = target.value().as_str() else { continue };
        let place = document::target(&target.place().file, text);
        let is_elsewhere =
            !root.document().files().contains_key(&place.file) && text.contains(['/', '#', '.']);
        if !names.iter().any(|name| name == text) && !is_elsewhere && root.document().at(&place).is_none() {
            let message = format!("`{value}` is mapped to `{text}`, which names no schema");
            let name = text.rsplit('/').next().unwrap_or(text);
            findings.push(target.error(Code::Discriminator, message).help(offered(
                name,
                &names,
                "no schemas are declared",
            )));
        }
    }
    findings.extend(optional_property(schema, &discriminator));
    findings
}

fn optional_property(schema: &Node<'_>, discriminator: &Node<'_>) -> Vec<Finding> {
    let (Some(name), Some(at)) = (discriminator.text("propertyName"), discriminator.raw("propertyName"))
    else {
        return Vec::new();
    };
    // Since OAS 3.2 the property may be left out where `defaultMapping` says what it means.
    if requires(schema, name, DEEP) || discriminator.raw("defaultMapping").is_some() {
        return Vec::new();
    }
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.raw(keyword));
    let branches: Vec<Node<'_>> = lists
        .flat_map(|list| list.as_is())
        .filter(|branch| branch.value().get("type").and_then(|name| name.as_str()) != Some("null"))
        .collect();
    let warning = |message: String, right: String| {
        let mut finding = at.error(Code::Discriminator, message);
        finding.severity = Severity::Warning;
        finding.help(right)
    };
    if branches.is_empty() {
        let message = format!("the property `{name}` that tells the kinds apart need not be there");
        return vec![warning(message, format!("add `{name}` to `required`"))];
    }
    let lacking = branches.into_iter().filter(|branch| !requires(branch, name, DEEP));
    lacking
        .map(|branch| {
            let target = branch.text("$ref").map_or_else(
                || format!("the branch {}", branch.place().pointer.last().unwrap_or_default()),
                |reference| format!("`{}`", reference.rsplit('/').next().unwrap_or(reference)),
            );
            let message = format!("{target} need not have the property `{name}` that tells the kinds apart");
            warning(message, format!("add `{name}` to `required` of {target}")).ruled_by(branch.place())
        })
        .collect()
}

/// How many schemas deep a required property is looked for.
const DEEP: u32 = 8;

/// Whether an object that satisfies the schema must have the property.
fn requires(schema: &Node<'_>, name: &str, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    let required = schema.raw("required");
    let own = required.iter().flat_map(Node::items).any(|item| item.value().as_str() == Some(name));
    let target = schema.clone().follow();
    let parts =
        |keyword: &str| -> Vec<Node<'_>> { schema.raw(keyword).map(|list| list.as_is()).unwrap_or_default() };
    let any = |keyword: &str| parts(keyword).iter().any(|part| requires(part, name, depth));
    let all = |keyword: &str| {
        let parts = parts(keyword);
        !parts.is_empty() && parts.iter().all(|part| requires(part, name, depth))
    };
    own || (target.place() != schema.place() && requires(&target, name, depth))
        || any("allOf")
        || all("oneOf")
        || all("anyOf")
}
