//! The documentation of this version, taken into the program from `docs/`. The folder is an mdBook: `SUMMARY.md` is its table of
//! contents, and `mdbook build docs` makes the same chapters elsewhere. Here they are read inside of our own pages, so that they have
//! its theme, its search and its content security policy, and need no script.

use std::sync::OnceLock;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../docs"]
struct Docs;

/// A chapter of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    /// Its file without the ending, which is its place below `/help`.
    pub(crate) name: String,
    pub(crate) title: String,
    /// The part that it stands in; empty before the first.
    pub(crate) part: String,
}

impl Chapter {
    /// Where it is read.
    pub(crate) fn href(&self) -> String {
        address(&self.name)
    }
}

/// A chapter, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) title: String,
    /// Everything below the title.
    pub(crate) html: String,
    /// Ids and names of its sections.
    pub(crate) sections: Vec<(String, String)>,
}

/// The chapter that stands before all others.
const FIRST: &str = "index";

/// Where a chapter is read; an empty name is the first.
pub(crate) fn address(name: &str) -> String {
    if name.is_empty() || name == FIRST {
        "/help".to_owned()
    } else {
        format!("/help/{name}")
    }
}

/// The table of contents, in order.
pub(crate) fn contents() -> &'static [Chapter] {
    static CONTENTS: OnceLock<Vec<Chapter>> = OnceLock::new();
    CONTENTS.get_or_init(|| chapters(&file("SUMMARY.md").unwrap_or_default()))
}

fn chapters(summary: &str) -> Vec<Chapter> {
    let mut part = String::new();
    let mut chapters = Vec::new();
    // The first heading is the table's own.
    for line in summary.lines().map(str::trim).skip(1) {
        if let Some(title) = line.strip_prefix("# ") {
            title.clone_into(&mut part);
        } else if let Some((title, file)) = link(line) {
            chapters.push(Chapter {
                name: file.trim_end_matches(".md").to_owned(),
                title: title.to_owned(),
                part: part.clone(),
            });
        }
    }
    chapters
}

/// `- [title](file)`.
fn link(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim_start_matches("- ").strip_prefix('[')?;
    inner.strip_suffix(')')?.split_once("](")
}

fn file(name: &str) -> Option<String> {
    String::from_utf8(Docs::get(name)?.data.into_owned()).ok()
}

/// A picture of a chapter, with its type.
#[must_use]
pub fn picture(name: &str) -> Option<(Vec<u8>, &'static str)> {
    let kind = match name.rsplit_once('.')?.1 {
        "png" => "image/png",
        "webp" => "image/webp",
        _ => return None,
    };
    let found = Docs::get(&format!("images/{name}"))?;
    Some((found.data.into_owned(), kind))
}

/// A chapter by its name; an empty one is the first.
pub(crate) fn chapter(name: &str) -> Option<Text> {
    let name = if name.is_empty() { FIRST } else { name };
    // Only what the table names is a chapter, so no other file is read.
    let known = contents().iter().find(|chapter| chapter.name == name)?;
    Some(read(&file(&format!("{}.md", known.name))?))
}

/// Reads Markdown. What is HTML in it is text here.
fn read(markdown: &str) -> Text {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event<'_>> = Parser::new_ext(markdown, options).collect();
    let mut title = String::new();
    let mut sections = Vec::new();
    let mut shown = Vec::with_capacity(events.len());
    let mut rest = events.into_iter().peekable();
    while let Some(event) = rest.next() {
        let Event::Start(Tag::Heading { level, .. }) = event else {
            shown.extend(body(event));
            continue;
        };
        let end = TagEnd::Heading(level);
        let mut inside = Vec::new();
        while let Some(next) = rest.next_if(|next| *next != Event::End(end)) {
            inside.push(next);
        }
        rest.next();
        let words = text(&inside);
        if title.is_empty() {
            title = words;
            continue;
        }
        let id = slug(&words);
        shown.push(markup(format!("<{level} id=\"{id}\">")));
        shown.extend(inside.into_iter().flat_map(body));
        shown.push(markup(format!("</{level}>\n")));
        if level == pulldown_cmark::HeadingLevel::H2 {
            sections.push((id, words));
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, shown.into_iter());
    Text {
        title,
        html: out,
        sections,
    }
}

fn markup(text: impl Into<String>) -> Event<'static> {
    Event::Html(CowStr::from(text.into()))
}

/// What an event becomes: links lead to chapters, and what is wide scrolls by itself.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all else of Markdown stays as it is"
)]
fn body(event: Event<'_>) -> Vec<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => vec![Event::Start(Tag::Link {
            link_type,
            dest_url: target(&dest_url).into(),
            title,
            id,
        })],
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => vec![Event::Start(Tag::Image {
            link_type,
            dest_url: format!("/help/{dest_url}").into(),
            title,
            id,
        })],
        table @ Event::Start(Tag::Table(_)) => vec![
            markup("<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">"),
            table,
        ],
        table @ Event::End(TagEnd::Table) => vec![table, markup("</div>\n")],
        Event::Start(Tag::CodeBlock(_)) => vec![markup("<pre tabindex=\"0\"><code>")],
        Event::End(TagEnd::CodeBlock) => vec![markup("</code></pre>\n")],
        other => vec![other],
    }
}

/// Where a link of a chapter leads here.
fn target(link: &str) -> String {
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let chapter = file.strip_suffix(".md").filter(|_| !file.contains("://"));
    match chapter {
        Some(name) if fragment.is_empty() => address(name),
        Some(name) => format!("{}#{fragment}", address(name)),
        None => link.to_owned(),
    }
}

/// The words of some events.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else has no words")]
fn text(events: &[Event<'_>]) -> String {
    let words = events.iter().filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        _ => None,
    });
    words.collect()
}

/// The id of a heading, as mdBook and git hosts make it.
fn slug(words: &str) -> String {
    let kept = words.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::layout::places::{SIDEBAR, help_on};

    #[test]
    fn every_file_is_a_chapter_and_every_chapter_a_file() {
        let files: BTreeSet<String> = Docs::iter()
            .filter(|name| name.ends_with(".md") && name.as_ref() != "SUMMARY.md")
            .map(|name| name.trim_end_matches(".md").to_owned())
            .collect();
        let named: BTreeSet<String> = contents().iter().map(|c| c.name.clone()).collect();
        assert_eq!(named, files);
        assert_eq!(named.len(), contents().len(), "a chapter is named twice");
        for one in contents() {
            assert!(
                !chapter(&one.name).unwrap().title.is_empty(),
                "{}",
                one.name
            );
        }
    }

    #[test]
    fn every_link_leads_to_a_chapter_and_a_section_of_it() {
        for one in contents() {
            let html = chapter(&one.name).unwrap().html;
            for link in html
                .split("href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                if link.starts_with("https://") {
                    continue;
                }
                let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
                let name = path
                    .strip_prefix("/help")
                    .map(|rest| rest.trim_start_matches('/'));
                let text = chapter(name.filter(|_| !path.is_empty()).unwrap_or(&one.name));
                let text = text.unwrap_or_else(|| panic!("{}: {link}", one.name));
                let id = format!("id=\"{fragment}\"");
                assert!(
                    fragment.is_empty() || text.html.contains(&id),
                    "{}: {link}",
                    one.name
                );
            }
        }
    }

    #[test]
    fn pages_have_help_that_exists() {
        for place in SIDEBAR.iter().flat_map(|group| group.places) {
            let name = help_on(place.href);
            assert!(chapter(name).is_some(), "{}: {name}", place.href);
        }
    }

    #[test]
    fn markup_in_a_chapter_is_text() {
        let text = read(
            "# A <b>title</b>\n\n<script>alert(1)</script>\n\n## Some *section*\n\n| a |\n| --- |\n| `b` |\n",
        );
        assert_eq!(text.title, "A title");
        assert!(!text.html.contains("<script>"), "{}", text.html);
        assert_eq!(
            text.sections,
            [("some-section".to_owned(), "Some section".to_owned())]
        );
        assert!(
            text.html.contains("tabindex=\"0\"><table>"),
            "{}",
            text.html
        );
    }

    #[test]
    fn only_chapters_and_pictures_are_served() {
        for name in ["../README", "SUMMARY", "policy.schema.json", "book"] {
            assert_eq!(chapter(name), None, "{name}");
        }
        assert!(picture("approval.png").is_some());
        assert!(picture("../index.md").is_none() && picture("approval").is_none());
    }
}
