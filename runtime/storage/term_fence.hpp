// Keeps a head that has been replaced from writing into the run directory: one that was frozen and thaws beside its
// successor, where the run lock does not reach (another machine of a shared file system, a successor started by force).
//
// The file `term` (sealed JSON, one member "term") names the term of the newest head. raise_term() (journal.hpp) writes
// it before a head writes anything else, and every writer looks at it immediately before anything becomes visible.
// Where the file is missing (a run from before it existed) or does not hold together, the journal's highest term stands
// in for it.
//
// What remains possible: a head may be frozen between check() and the one rename, removal or append that follows. When
// it thaws, this one step happens beside the new head. In a synchronous run it costs time, and no bits:
//   - a checkpoint: that of a version is bit-identical, whichever head made it;
//   - `latest`, `best`: may name an older version until the new head writes it again; a resume reads neither;
//   - retention: one checkpoint goes that was not among the newest;
//   - the journal: its records carry the old term and are read as void (JOURNAL-4). Two things the fence cannot mend:
//     a file system that does not append atomically may mix two lines, which is then found as corruption; and the old
//     head, if its disk had failed just before, cuts off what follows its own last durable record.
// The fence is also as good as the file system: what one machine renames, the other must see when it opens the file.
// And it orders heads that start one after the other: that two do not start at once is for the run lock to see to.
//
// Thread rule: a value; check() only reads.
//
// FENCE-1: once raise_term() has returned N, check() of every fence with a term below N fails.
#pragma once

#include "runtime/core/identity.hpp"
#include "runtime/storage/storage.hpp"

namespace fulmar::storage {

inline constexpr std::string_view kTermFile = "term";

class TermFence {
 public:
  /// `storage` is rooted at the run directory and outlives the fence.
  TermFence(const Storage& storage, core::Term term);

  core::Term term() const { return term_; }
  /// For the names of unfinished files: two heads never write the same one.
  std::string suffix() const { return ".term-" + std::to_string(term_); }

  /// Fails when a newer head has started in the run directory, or when nothing there says who is the newest.
  Result<void> check() const;

 private:
  const Storage* storage_;
  core::Term term_;
  std::string own_text_;  ///< what the file holds as long as this head is the newest
};

/// The term in the file; 0 where there is no file.
Result<core::Term> read_term_file(const Storage& storage);

/// Durable when it returns.
Result<void> write_term_file(Storage& storage, core::Term term);

}  // namespace fulmar::storage
