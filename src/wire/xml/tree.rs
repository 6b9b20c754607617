//! Elements, attributes and texts, as they stand in an XML document; what says nothing is left out.

/// The namespace of `xml:lang` and its like, bound to `xml` everywhere.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of the attributes that bind prefixes.
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// The namespace of `nil` (XML Schema, part 1, section 2.7).
pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The name of an element or attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// The prefix that it has, or should have.
    pub(super) prefix: Option<String>,
    /// The name without it; of an attribute that binds a prefix, all of it.
    pub(super) local: String,
    /// The namespace that it is in.
    pub(super) namespace: Option<String>,
}

/// An element and all that is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) attributes: Vec<(Name, String)>,
    pub(super) children: Vec<Child>,
}

/// What stands in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Child {
    Element(Element),
    Text(String),
    /// A text that is written as a CDATA section.
    Cdata(String),
}

impl Name {
    /// A name in no namespace.
    pub(super) fn local(local: impl Into<String>) -> Self {
        Self { prefix: None, local: local.into(), namespace: None }
    }

    /// A name in a namespace that has a usual prefix.
    pub(super) fn known(prefix: &str, local: &str, namespace: &str) -> Self {
        Self {
            prefix: Some(prefix.to_owned()),
            local: local.to_owned(),
            namespace: Some(namespace.to_owned()),
        }
    }

    /// Whether it is in this namespace.
    pub(super) fn is_in(&self, namespace: &str) -> bool {
        self.namespace.as_deref() == Some(namespace)
    }
}

impl Element {
    pub(super) fn new(name: Name) -> Self {
        Self { name, ..Self::default() }
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) | Child::Cdata(_) => None,
        })
    }

    /// The attributes that are data: not those that bind prefixes, or speak of the element as `xsi:nil` does.
    pub(super) fn data(&self) -> impl Iterator<Item = &(Name, String)> {
        self.attributes.iter().filter(|(name, _)| !name.is_in(XMLNS) && !name.is_in(XSI))
    }

    /// The texts in it, one after the other, without the spaces that only set its elements apart.
    pub(super) fn text(&self) -> String {
        let is_mixed = self.elements().next().is_some();
        let texts = self.children.iter().filter_map(|child| match child {
            Child::Text(text) if is_mixed && text.trim().is_empty() => None,
            Child::Text(text) | Child::Cdata(text) => Some(text.as_str()),
            Child::Element(_) => None,
        });
        texts.collect()
    }

    /// Whether there is more in it than a text.
    pub(super) fn has_structure(&self) -> bool {
        self.elements().next().is_some() || self.data().any(|(name, _)| !name.is_in(XML))
    }

    /// Whether it says that it has no value.
    pub(super) fn is_nil(&self) -> bool {
        let is_nil = |(name, value): &(Name, String)| {
            name.is_in(XSI) && name.local == "nil" && matches!(value.trim(), "true" | "1")
        };
        self.attributes.iter().any(is_nil)
    }
}
