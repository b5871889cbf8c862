//! What kinds of file there are, and how each may be shown.

/// A kind of file that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// The extension, in lower case.
    pub extension: &'static str,
    /// What it is served as.
    pub content_type: &'static str,
    /// Whether a browser may show it in a tab of its own, rather than save it.
    pub inline: bool,
}

/// What a file is served as that nobody knows.
pub(super) const UNKNOWN: &str = "application/octet-stream";
/// What every text is served as, so that no browser ever runs a page or script of a user's on our origin.
const PLAIN: &str = "text/plain; charset=utf-8";

const fn shown(extension: &'static str, content_type: &'static str) -> Media {
    Media {
        extension,
        content_type,
        inline: true,
    }
}

const fn saved(extension: &'static str, content_type: &'static str) -> Media {
    Media {
        extension,
        content_type,
        inline: false,
    }
}

/// Of the entries with one content type the first is the one that the type stands for.
const TABLE: &[Media] = &[
    shown("png", "image/png"),
    shown("jpg", "image/jpeg"),
    shown("jpeg", "image/jpeg"),
    shown("gif", "image/gif"),
    shown("webp", "image/webp"),
    shown("avif", "image/avif"),
    shown("bmp", "image/bmp"),
    shown("heic", "image/heic"),
    shown("heif", "image/heif"),
    shown("tiff", "image/tiff"),
    shown("tif", "image/tiff"),
    shown("ico", "image/x-icon"),
    // A picture in an `<img>`, but a document with scripts in a tab.
    saved("svg", "image/svg+xml"),
    shown("mp3", "audio/mpeg"),
    shown("wav", "audio/wav"),
    shown("m4a", "audio/mp4"),
    shown("aac", "audio/aac"),
    shown("ogg", "audio/ogg"),
    shown("flac", "audio/flac"),
    shown("weba", "audio/webm"),
    shown("mp4", "video/mp4"),
    shown("webm", "video/webm"),
    shown("mov", "video/quicktime"),
    // Browsers show none in a sandbox.
    saved("pdf", "application/pdf"),
    saved(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    saved(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    saved(
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    saved("doc", "application/msword"),
    saved("xls", "application/vnd.ms-excel"),
    saved("ppt", "application/vnd.ms-powerpoint"),
    saved("odt", "application/vnd.oasis.opendocument.text"),
    saved("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    saved("rtf", "application/rtf"),
    saved("epub", "application/epub+zip"),
    saved("zip", "application/zip"),
    saved("gz", "application/gzip"),
    saved("json", "application/json"),
    shown("csv", "text/csv; charset=utf-8"),
    shown("txt", PLAIN),
    shown("md", "text/markdown; charset=utf-8"),
];

/// Texts by other extensions, pages and scripts among them.
const PLAIN_EXTENSIONS: &[&str] = &[
    "log", "tsv", "html", "htm", "xhtml", "xml", "css", "js", "mjs", "cjs", "jsx", "ts", "tsx",
    "vue", "py", "rs", "go", "java", "kt", "c", "h", "cc", "cpp", "hpp", "cs", "rb", "php",
    "swift", "sh", "sql", "toml", "yaml", "yml", "ini", "env", "tex", "srt", "vtt", "jsonl",
    "ipynb", "diff", "patch",
];

/// Other names of content types in the table.
const ALIASES: &[(&str, &str)] = &[
    ("image/jpg", "jpg"),
    ("audio/mp3", "mp3"),
    ("audio/x-wav", "wav"),
    ("audio/x-m4a", "m4a"),
    ("application/x-zip-compressed", "zip"),
    ("text/x-markdown", "md"),
];

impl Media {
    /// The kind of file that an extension in lower case stands for.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let known = TABLE.iter().find(|media| media.extension == extension);
        known.copied().or_else(|| {
            let plain = PLAIN_EXTENSIONS.iter().find(|&&plain| plain == extension)?;
            Some(shown(plain, PLAIN))
        })
    }

    /// The kind of file that a content type stands for. Its parameters do not matter.
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        let name = |text: &str| {
            text.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        };
        let wanted = name(content_type);
        let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted);
        match alias {
            Some((_, extension)) => Self::of_extension(extension),
            None => TABLE
                .iter()
                .find(|media| name(media.content_type) == wanted)
                .copied(),
        }
    }
}
