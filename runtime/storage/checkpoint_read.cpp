// The reading half of CheckpointStore: changes nothing on disk.
#include <algorithm>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/checkpoint_layout.hpp"

namespace fulmar::storage {

Result<std::vector<CheckpointEntry>> CheckpointStore::list() const {
  std::vector<CheckpointEntry> entries;
  if (!storage_.exists(kCheckpoints)) return entries;
  const auto names = storage_.list(kCheckpoints);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto version = parse_version_name(name);
    if (!version) continue;
    const bool full = storage_.exists(join_path(in_checkpoints(name), kOptimizerFile));
    entries.push_back({*version, full ? core::CheckpointKind::full : core::CheckpointKind::weights});
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
  return entries;
}

Result<std::optional<core::Version>> CheckpointStore::newest_version() const {
  const auto entries = list();
  if (!entries) return entries.error();
  const auto newest = std::find_if(entries->rbegin(), entries->rend(),
                                   [](const auto& entry) { return entry.kind == core::CheckpointKind::full; });
  if (newest == entries->rend()) return std::optional<core::Version>();
  return std::optional(newest->version);
}

Result<std::optional<core::Version>> CheckpointStore::read_pointer(const char* pointer) const {
  const std::string path = in_checkpoints(pointer);
  if (!storage_.exists(path)) return std::optional<core::Version>();
  const auto text = read_text(storage_, path);
  if (!text) return text.error();
  const bool ends_well = !text->empty() && text->back() == '\n';
  const auto version = parse_version_name(std::string_view(*text).substr(0, text->size() - (ends_well ? 1 : 0)));
  if (!version || !ends_well) {
    return Error{storage_.display(path) + ": holds \"" + text->substr(0, 40) +
                 "\"; the name of a checkpoint directory was expected: write it there, or delete the file"};
  }
  return version;
}

CheckpointInfo CheckpointStore::verify(core::Version version) const {
  const std::string directory = version_path(version);
  CheckpointInfo info{version, core::CheckpointKind::full, {}, 0, false, {}};
  const auto content = read_state_file(storage_, directory, version);
  if (!content) {
    info.problem = content.error().message;
    return info;
  }
  info.kind = content->state.kind;
  std::vector<std::string_view> expected{kWeightsFile};
  if (info.kind == core::CheckpointKind::full) expected.push_back(kOptimizerFile);
  for (const std::string_view name : expected) {
    // One file in memory at a time.
    const auto file = read_tensor_file(storage_, directory, name, content->files);
    if (!file && info.problem.empty()) info.problem = file.error().message;
    if (const auto digest = content->files.find(std::string(name)); digest != content->files.end()) {
      info.bytes += digest->second.bytes;
      if (name == kWeightsFile) info.weights_sha256 = digest->second.sha256;
    }
  }
  info.ok = info.problem.empty();
  return info;
}

Result<StateFile> CheckpointStore::load_state(core::Version version) const {
  return read_state_file(storage_, version_path(version), version);
}

Result<LoadedCheckpoint> CheckpointStore::load(core::Version version) const {
  return read_checkpoint(storage_, version_path(version), version);
}

Result<NewestGood> CheckpointStore::load_newest_good() const {
  const auto entries = list();
  if (!entries) return entries.error();
  NewestGood newest;
  for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
    // A full one that lost its optimizer file looks like weights only; its state.json knows better.
    const auto state = load_state(entry->version);
    if (state && state->state.kind == core::CheckpointKind::weights) continue;
    if (!state && entry->kind == core::CheckpointKind::weights) continue;
    auto loaded = load(entry->version);
    if (loaded) {
      newest.checkpoint = std::move(*loaded);
      break;
    }
    newest.problems.push_back(loaded.error().message + "; the checkpoint before it is used");
  }
  return newest;
}

}  // namespace fulmar::storage
