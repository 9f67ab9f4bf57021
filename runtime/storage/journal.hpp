// The journal of a run: append-only, durable when sync() has returned, and never believed beyond its first bad byte.
//
// Format: text, one record a line: `<crc32c of the JSON, 8 lower-case hex digits> <compact JSON object>\n`.
// Thread rule: one thread, the holder of the run lock; read_journal() may read beside it.
//
// Two heads: from raise_term() on, the journal is fenced by its head's term (term_fence.hpp) and writes nothing once a
// newer head has raised another. What slipped through between a look at the fence and the append is void, see
// JOURNAL-4.
//
// JOURNAL-1: after a crash the journal reopens to a prefix of what was appended, with every synced record in it.
// JOURNAL-2: a record whose checksum does not hold is never returned. At the end of the file it is a torn tail and is
//            cut; before good records it is corruption and the journal is refused.
// JOURNAL-3: a record that append() took is neither dropped nor reordered by a failing disk: sync() tries again.
// JOURNAL-4: what a head of an earlier term wrote behind a newer head's TermStarted is void: it stays in the file, and
//            read_journal() leaves it out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/storage/journal_codec.hpp"
#include "runtime/storage/storage.hpp"
#include "runtime/storage/term_fence.hpp"

namespace fulmar::storage {

inline constexpr std::string_view kJournalFile = "journal";

/// What a journal file holds.
struct JournalContents {
  std::vector<core::JournalRecord> records;
  std::uint64_t good_bytes = 0;
  std::uint64_t torn_bytes = 0;  ///< after the last good record
  std::size_t void_records = 0;  ///< left out of `records`
};

/// Reads without changing anything. Not there: an Error.
Result<JournalContents> read_journal(const Storage& storage, std::string_view path = kJournalFile);

struct OpenedJournal;

class Journal {
 public:
  /// Reads all records, cuts a torn tail (durably), and is then ready to append. Not there: it is created.
  static Result<OpenedJournal> open(Storage& storage, std::string path = std::string(kJournalFile));

  /// Takes a record into memory; from time to time what has gathered is written. Fails only when the disk has
  /// refused so long that 16 MiB wait; then the record is not taken.
  Result<void> append(const core::JournalRecord& record);

  /// Makes all records durable. Failed: they wait in memory, and the file is cut back to what was durable. A journal
  /// whose head has been replaced fails and leaves the file alone.
  Result<void> sync();

  /// Bytes of the file and of what waits for it.
  std::uint64_t bytes() const { return durable_bytes_ + pending_.size(); }

 private:
  Journal(Storage& storage, std::string path, std::unique_ptr<OutputFile> file, std::uint64_t durable_bytes)
      : storage_(&storage), path_(std::move(path)), file_(std::move(file)), durable_bytes_(durable_bytes) {}

  friend Result<core::Term> raise_term(Journal&, std::span<const core::JournalRecord>, core::Version);

  Storage* storage_;
  std::string path_;
  std::optional<TermFence> fence_;  ///< none before raise_term()
  std::unique_ptr<OutputFile> file_;
  std::uint64_t durable_bytes_ = 0;
  std::string pending_;         ///< whole records, not durable yet
  bool tail_is_foul_ = false;   ///< a failed sync() may have left part of pending_ behind the durable bytes
  std::size_t next_write_ = 0;  ///< append() syncs by itself when so many bytes wait
};

struct OpenedJournal {
  Journal journal;
  std::vector<core::JournalRecord> records;
  std::uint64_t cut_bytes = 0;   ///< of a torn tail, to be logged
  std::size_t void_records = 0;  ///< that a replaced head wrote, to be logged
};

/// 0 when no head ever started.
core::Term highest_term(std::span<const core::JournalRecord> records);

/// Starts the next term, and fences the journal by it: durable when it returns, so call it before anything else is
/// written to the run directory. Above whatever the journal and the file `term` say, which differ when a head was lost
/// between the two. `version`: what the run goes on from.
Result<core::Term> raise_term(Journal& journal, std::span<const core::JournalRecord> records, core::Version version);

}  // namespace fulmar::storage
