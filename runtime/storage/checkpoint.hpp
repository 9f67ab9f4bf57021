// The checkpoints of a run directory: written so that a crash at any point costs nothing that was there before, read so
// that nothing torn or rotten is ever taken for good.
//
// The order of a write: files, fsync of each, fsync of their directory, rename into place, fsync of `checkpoints`, then
// the pointer `latest`, and only then the caller's journal record. Of a store with a term, each step that others can
// see comes right after a look at the fence (term_fence.hpp, which says what even so may happen beside a newer head).
// Thread rule: one thread, and for everything but const functions the holder of the run lock.
//
// CHECKPOINT-1: a directory with a version's name was complete and synced before it got that name.
// CHECKPOINT-2: a failed write leaves every earlier checkpoint and both pointers as they were.
// CHECKPOINT-3: after recover(), `latest` and `best` name directories that are there.
// CHECKPOINT-4: retention never removes what `latest` or `best` names.
// CHECKPOINT-5: a store of a term below the newest head's changes nothing but its own unfinished files.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/storage/checkpoint_files.hpp"
#include "runtime/storage/term_fence.hpp"

namespace fulmar::storage {

/// What is known of a checkpoint after looking at every byte of it.
struct CheckpointInfo {
  core::Version version = 0;
  core::CheckpointKind kind = core::CheckpointKind::full;
  std::string weights_sha256;  ///< as state.json says; empty when that cannot be read
  std::uint64_t bytes = 0;     ///< of the tensor files
  bool ok = false;
  std::string problem;  ///< which file, what is wrong; empty when ok
};

struct CheckpointEntry {
  core::Version version = 0;
  core::CheckpointKind kind = core::CheckpointKind::full;
  bool operator==(const CheckpointEntry&) const = default;
};

struct NewestGood {
  std::optional<LoadedCheckpoint> checkpoint;  ///< nothing: the run has to start at version 0
  std::vector<std::string> problems;           ///< of newer ones that were passed over; to be shown to the user
};

class CheckpointStore {
 public:
  /// Touches nothing. `storage` is rooted at the run directory and outlives the store.
  explicit CheckpointStore(Storage& storage) : storage_(storage) {}
  /// For a head that has raised its term: everything that writes fails as soon as a newer head has raised another.
  CheckpointStore(Storage& storage, core::Term term) : storage_(storage), fence_(std::in_place, storage, term) {}

  /// To be called once by a head, before anything is written: creates `checkpoints`, clears what a crash left there.
  Result<void> recover();

  /// Idempotent: the same content of the same version that is there and good is kept; a full one is not replaced by
  /// weights alone. A full one becomes `latest`.
  Result<CheckpointInfo> write(const CheckpointContents& contents);

  /// Names the checkpoint that has the best validation loss. It must be there.
  Result<void> set_best(core::Version version);

  /// Removes full checkpoints but the newest `keep` (at least 1), and weights-only ones that are not the best.
  Result<void> retain(std::size_t keep);

  /// Ascending. By which files are there; says nothing about their content.
  Result<std::vector<CheckpointEntry>> list() const;
  /// The newest that can be resumed from, if its content is good.
  Result<std::optional<core::Version>> newest_version() const;
  Result<std::optional<core::Version>> latest() const { return read_pointer("latest"); }
  Result<std::optional<core::Version>> best() const { return read_pointer("best"); }

  CheckpointInfo verify(core::Version version) const;
  Result<StateFile> load_state(core::Version version) const;
  Result<LoadedCheckpoint> load(core::Version version) const;
  Result<NewestGood> load_newest_good() const;

 private:
  /// The checkpoint of this version, where writing `contents` would change nothing.
  std::optional<CheckpointInfo> already_there(const CheckpointContents& contents) const;
  /// The directory that write() fills before it gets its name.
  std::string temporary_path(core::Version version) const;
  Result<void> check_fence() const { return fence_ ? fence_->check() : Result<void>{}; }
  Result<void> move_into_place(core::Version version);
  Result<void> undo_replacement(const std::string& name);
  Result<void> repair_pointer(const char* pointer);
  Result<void> remove(core::Version version);
  Result<void> write_pointer(const char* pointer, core::Version version);
  Result<std::optional<core::Version>> read_pointer(const char* pointer) const;

  Storage& storage_;
  std::optional<TermFence> fence_;
};

}  // namespace fulmar::storage
