//! Sections of programs in the ELF format.

use object::read::{Object, ObjectSection};

/// True for the beginning of an ELF file.
pub(crate) fn is_elf(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF")
}

/// The content of a section, as it stands in the file.
pub(super) fn section<'a>(file: &object::File<'a>, name: &str) -> Option<&'a [u8]> {
    file.section_by_name(name)?.data().ok()
}

/// A program, if it can be read.
pub(super) fn open(bytes: &[u8]) -> Option<object::File<'_>> {
    object::File::parse(bytes).ok()
}
