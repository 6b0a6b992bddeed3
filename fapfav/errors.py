"""Every error a caller may meet, and what the commands exit with.

    FapfavError             1   done, but not all of it
    ├── UsageError          2   the request makes no sense
    ├── ArchiveError        3   what is on disk is wrong, missing, locked or full
    │   ├── NoArchive           nothing to open there
    │   ├── WrongPassword       no key slot opens, or a password for a plain archive
    │   ├── NewerVersion        written by a later program
    │   ├── DamagedArchive      the database does not check out
    │   ├── DamagedFile         a picture's bytes do not match its name
    │   ├── ArchiveChanged      encrypted or decrypted by somebody else since it was opened here
    │   ├── ArchiveInUse        another process holds the lock
    │   └── OlderArchive        not, or older than, the archive last seen on this computer
    ├── SourceError         4   a site said no, or said something new
    ├── Stopped           130   asked to end while a site was waited for
    └── BadPicture              bytes that are no picture we can keep (fails that picture only)

A message says what, which and what next.
"""


class FapfavError(Exception):
    """The root of every error this library raises on purpose."""

    exit_code = 1


class UsageError(FapfavError):
    """The request makes no sense: unknown tag, bad limit, two options that exclude each other."""

    exit_code = 2


class ArchiveError(FapfavError):
    """What is on disk cannot be read or written."""

    exit_code = 3


class NoArchive(ArchiveError):
    """There is no archive in the named folder."""


class WrongPassword(ArchiveError):
    """No slot opens with this password, or one was given for a plain archive."""


class NewerVersion(ArchiveError):
    """The archive was written by a later program than this one."""


class DamagedArchive(ArchiveError):
    """The database's bytes do not check out."""


class DamagedFile(ArchiveError):
    """A picture or thumbnail is missing, or its bytes do not match its name.

    `why` is the reason alone, where the message says besides which picture and what next.
    """

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why or message


class ArchiveChanged(ArchiveError):
    """The archive was encrypted or decrypted since it was opened here: open it anew."""


class ArchiveInUse(ArchiveError):
    """Another process held the lock for longer than we wait."""


class OlderArchive(ArchiveError):
    """The archive is older than, or not, the one last seen on this computer."""


class SourceError(FapfavError):
    """A source said no, or said something it never said before."""

    exit_code = 4


class Stopped(FapfavError):
    """Somebody asked the job to end while it waited for a site; nothing was begun meanwhile."""

    exit_code = 130


class BadPicture(FapfavError):
    """Bytes that are no picture we can keep: `str()` is the reason that is recorded."""
