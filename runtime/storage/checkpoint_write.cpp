// The writing half of CheckpointStore; every step is one that a crash may follow.
#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/checkpoint_layout.hpp"

namespace fulmar::storage {
namespace {

/// What write() found or made, as verify() would say it.
CheckpointInfo describe(const CheckpointState& state, const FileDigests& files) {
  CheckpointInfo info{state.run.version, state.kind, {}, 0, true, {}};
  for (const auto& [name, digest] : files) {
    if (name == kWeightsFile) info.weights_sha256 = digest.sha256;
    info.bytes += digest.bytes;
  }
  return info;
}

}  // namespace

std::optional<CheckpointInfo> CheckpointStore::already_there(const CheckpointContents& contents) const {
  const core::Version version = contents.state.run.version;
  if (!storage_.exists(version_path(version))) return std::nullopt;
  const CheckpointInfo there = verify(version);
  if (!there.ok) return std::nullopt;
  if (there.kind == core::CheckpointKind::weights && contents.state.kind == core::CheckpointKind::full)
    return std::nullopt;

  const auto stored = load_state(version);
  if (!stored || stored->state.run != contents.state.run || stored->state.run_id != contents.state.run_id ||
      safetensors_digest(contents.weights).sha256 != there.weights_sha256) {
    return std::nullopt;
  }
  if (contents.state.kind == core::CheckpointKind::full &&
      stored->files.at(std::string(kOptimizerFile)) != safetensors_digest(contents.optimizer)) {
    return std::nullopt;
  }
  return there;
}

std::string CheckpointStore::temporary_path(core::Version version) const {
  return version_path(version, kWriting) + (fence_ ? fence_->suffix() : std::string());
}

Result<CheckpointInfo> CheckpointStore::write(const CheckpointContents& contents) {
  if (auto done = check_fence(); !done) return done.error();  // before the long work, and before what it clears
  const core::Version version = contents.state.run.version;
  auto info = already_there(contents);
  if (!info) {
    const std::string temporary = temporary_path(version);
    if (auto done = storage_.remove_all(temporary); !done) return done.error();
    auto files = write_checkpoint_files(storage_, temporary, contents);
    auto done = files ? check_fence() : Result<void>(files.error());
    if (!done) {
      // Gives the space back; where even that fails, recover() does it. The first failure is the one to tell.
      static_cast<void>(storage_.remove_all(temporary));
      return done.error();
    }
    if (done = move_into_place(version); !done) return done.error();
    info = describe(contents.state, *files);
  }
  if (contents.state.kind == core::CheckpointKind::full) {
    if (auto done = write_pointer("latest", version); !done) return done.error();
  }
  return *info;
}

// A directory cannot be renamed over another. So the old one steps aside under a name that recover() knows, and
// goes only when the new one is durable in its place.
Result<void> CheckpointStore::move_into_place(core::Version version) {
  const std::string target = version_path(version);
  const std::string replaced = version_path(version, kReplaced);
  const bool replaces = storage_.exists(target);
  if (replaces) {
    if (auto done = storage_.remove_all(replaced); !done) return done;
    if (auto done = storage_.rename(target, replaced); !done) return done;
  }
  if (auto done = storage_.rename(temporary_path(version), target); !done) {
    if (replaces) static_cast<void>(storage_.rename(replaced, target));  // where even that fails, recover() does it
    return done;
  }
  if (auto done = storage_.sync_directory(kCheckpoints); !done) return done;
  return replaces ? storage_.remove_all(replaced) : Result<void>{};
}

Result<void> CheckpointStore::recover() {
  if (auto done = check_fence(); !done) return done;
  if (auto done = storage_.create_directories(kCheckpoints); !done) return done;
  if (auto done = storage_.sync_directory("."); !done) return done;
  const auto names = storage_.list(kCheckpoints);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    Result<void> done;
    if (name.starts_with(kReplaced)) done = undo_replacement(name);
    if (name.starts_with(kWriting) || name.starts_with(kRemoving)) done = storage_.remove_all(in_checkpoints(name));
    if (!done) return done;
  }
  if (auto done = repair_pointer("latest"); !done) return done;
  return repair_pointer("best");
}

Result<void> CheckpointStore::undo_replacement(const std::string& name) {
  const std::string target = in_checkpoints(name.substr(kReplaced.size()));
  if (storage_.exists(target)) return storage_.remove_all(in_checkpoints(name));
  if (auto done = storage_.rename(in_checkpoints(name), target); !done) return done;
  return storage_.sync_directory(kCheckpoints);
}

// A pointer is wrong only when somebody else deleted its checkpoint, or its file rotted: then it names what is there.
Result<void> CheckpointStore::repair_pointer(const char* pointer) {
  const auto named = read_pointer(pointer);
  if (named && (!*named || storage_.exists(version_path(**named)))) return {};
  const auto newest = newest_version();
  if (!newest) return newest.error();
  if (std::string_view(pointer) == "latest" && *newest) return write_pointer(pointer, **newest);
  return storage_.remove_all(in_checkpoints(pointer));
}

Result<void> CheckpointStore::write_pointer(const char* pointer, core::Version version) {
  return write_file_atomically(storage_, kCheckpoints, pointer, version_name(version) + "\n",
                               fence_ ? &*fence_ : nullptr);
}

Result<void> CheckpointStore::set_best(core::Version version) {
  if (!storage_.exists(version_path(version))) {
    return Error{storage_.display(version_path(version)) + ": not there, so it cannot be the best; write it first"};
  }
  return write_pointer("best", version);
}

Result<void> CheckpointStore::retain(std::size_t keep) {
  FULMAR_ASSERT(keep >= 1, "checkpoint.keep must be at least 1");
  const auto entries = list();
  const auto latest_version = latest();
  const auto best_version = best();
  if (!entries) return entries.error();
  if (!latest_version) return latest_version.error();
  if (!best_version) return best_version.error();

  std::size_t kept = 0;
  for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
    if (entry->kind == core::CheckpointKind::full && kept < keep) {
      ++kept;
    } else if (entry->version != *latest_version && entry->version != *best_version) {
      if (auto done = remove(entry->version); !done) return done;
    }
  }
  return {};
}

// Renamed first, durably: a checkpoint half deleted must not look like one that rotted.
Result<void> CheckpointStore::remove(core::Version version) {
  const std::string condemned = version_path(version, kRemoving);
  if (auto done = check_fence(); !done) return done;
  if (auto done = storage_.remove_all(condemned); !done) return done;
  if (auto done = storage_.rename(version_path(version), condemned); !done) return done;
  if (auto done = storage_.sync_directory(kCheckpoints); !done) return done;
  return storage_.remove_all(condemned);
}

}  // namespace fulmar::storage
