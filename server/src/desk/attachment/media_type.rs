//! The media types of attachments. The declared type must agree with the bytes, so that a program is never stored as
//! a picture.

/// A media type that the hotline knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum MediaType {
    Pdf,
    Png,
    Jpeg,
    Docx,
    Xlsx,
    Text,
}

/// What a ZIP archive begins with, and so every Office document.
const ZIP: &[u8] = b"PK\x03\x04";
/// Bytes that are enough to know a format by.
const HEAD_BYTES: usize = 8;

impl MediaType {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Docx, Self::Xlsx, Self::Text];

    /// Its registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Text => "text/plain",
        }
    }

    /// The type of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    const fn magic(self) -> &'static [u8] {
        match self {
            Self::Pdf => b"%PDF-",
            Self::Png => b"\x89PNG\r\n\x1a\n",
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Docx | Self::Xlsx => ZIP,
            Self::Text => b"",
        }
    }

    /// A name that stands in every document of this kind.
    const fn part(self) -> &'static [u8] {
        match self {
            Self::Docx => b"word/",
            Self::Xlsx => b"xl/",
            _ => b"",
        }
    }
}

/// Looks at the bytes of a file as they come, and keeps only a few of them.
#[derive(Debug)]
pub(super) struct Sniffer {
    declared: MediaType,
    head: Vec<u8>,
    tail: Vec<u8>,
    has_part: bool,
    has_control: bool,
}

impl Sniffer {
    /// Looks whether bytes are of this type.
    pub(super) const fn of(declared: MediaType) -> Self {
        let has_part = declared.part().is_empty();
        Self { declared, head: Vec::new(), tail: Vec::new(), has_part, has_control: false }
    }

    /// Looks at the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        if self.declared == MediaType::Text {
            let is_control = |byte: &u8| *byte < b' ' && !b"\t\n\r\x0c".contains(byte);
            self.has_control |= bytes.iter().any(is_control);
        }
        if !self.has_part {
            let part = self.declared.part();
            self.tail.extend_from_slice(bytes);
            self.has_part = self.tail.windows(part.len()).any(|here| here == part);
            // The name may go on in the next bytes.
            let kept = self.tail.len().saturating_sub(part.len() - 1);
            self.tail.drain(..kept);
        }
    }

    /// Whether all bytes fit the type.
    pub(super) fn fits(&self) -> bool {
        self.head.starts_with(self.declared.magic()) && self.has_part && !self.has_control
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(declared: MediaType, bytes: &[u8]) -> bool {
        let whole = {
            let mut sniffer = Sniffer::of(declared);
            sniffer.update(bytes);
            sniffer.fits()
        };
        let mut sniffer = Sniffer::of(declared);
        for byte in bytes {
            sniffer.update(&[*byte]);
        }
        assert_eq!(whole, sniffer.fits(), "the size of the parts makes no difference");
        whole
    }

    #[test]
    fn the_declared_type_agrees_with_the_bytes() {
        use MediaType::{Docx, Jpeg, Pdf, Png, Text, Xlsx};
        let docx = [ZIP, b"....word/document.xml..."].concat();
        let xlsx = [ZIP, b"....xl/workbook.xml..."].concat();
        for (bytes, right) in [
            (&b"%PDF-1.7 ..."[..], vec![Pdf, Text]),
            (b"\x89PNG\r\n\x1a\n....", vec![Png]),
            (b"\xff\xd8\xff\xe0....", vec![Jpeg, Text]),
            (&docx, vec![Docx]),
            (&xlsx, vec![Xlsx]),
            ("办理说明\r\n第一条".as_bytes(), vec![Text]),
            (b"MZ\x90\0program", vec![]),
            (b"PK\x03\x04 an archive", vec![]),
            (b"%PD", vec![Text]),
        ] {
            let fitting: Vec<_> = MediaType::ALL.into_iter().filter(|one| fits(*one, bytes)).collect();
            assert_eq!(fitting, right, "{bytes:?}");
        }
    }

    #[test]
    fn a_type_is_found_by_its_name() {
        for one in MediaType::ALL {
            assert_eq!(MediaType::of_name(one.name()), Some(one));
        }
        assert_eq!(MediaType::of_name("application/zip"), None);
    }
}
