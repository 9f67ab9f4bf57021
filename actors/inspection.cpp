#include "actors/inspection.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/run_opening.hpp"
#include "runtime/storage/checkpoint_layout.hpp"

namespace fulmar::actors {
namespace {

/// There is none until a head has got that far.
void inspect_journal(const storage::Storage& storage, Inspection& inspection) {
  if (!storage.exists(storage::kJournalFile)) return;
  Result<storage::JournalContents> journal = storage::read_journal(storage);
  if (journal) {
    inspection.finished = says_completed(journal->records);
    inspection.journal = std::move(*journal);
  } else {
    inspection.problems.push_back(journal.error().message);
  }
}

void inspect_pointers(const storage::CheckpointStore& store, Inspection& inspection) {
  const Result<std::optional<core::Version>> latest = store.latest();
  const Result<std::optional<core::Version>> best = store.best();
  for (const auto* pointer : {&latest, &best}) {
    if (!pointer->ok()) inspection.problems.push_back(pointer->error().message);
  }
  if (best) inspection.best = *best;
}

}  // namespace

bool Inspection::ok() const {
  return problems.empty() &&
         std::all_of(checkpoints.begin(), checkpoints.end(), [](const auto& info) { return info.ok; });
}

Result<Inspection> inspect(storage::Storage& storage, core::Manifest manifest, std::optional<core::Version> version) {
  const storage::CheckpointStore store(storage);
  const Result<std::vector<storage::CheckpointEntry>> entries = store.list();
  if (!entries) return entries.error();

  Inspection inspection;
  inspection.manifest = std::move(manifest);
  inspect_journal(storage, inspection);
  inspect_pointers(store, inspection);
  for (const storage::CheckpointEntry& entry : *entries) {
    if (version && *version != entry.version) continue;
    storage::CheckpointInfo info = store.verify(entry.version);
    // A head that runs removes old ones meanwhile.
    if (!info.ok && !storage.exists(storage::version_path(entry.version))) continue;
    inspection.checkpoints.push_back(std::move(info));
    const storage::CheckpointInfo& seen = inspection.checkpoints.back();
    if (!seen.ok || (seen.kind != core::CheckpointKind::full && !version)) continue;
    Result<storage::StateFile> state = store.load_state(seen.version);
    if (!state && storage.exists(storage::version_path(seen.version))) return state.error();
    if (state) inspection.state = std::move(*state);
  }
  return inspection;
}

nlohmann::json checkpoint_json(const storage::CheckpointInfo& info) {
  nlohmann::json json = {{"version", info.version},
                         {"kind", storage::to_string(info.kind)},
                         {"weights_sha256", info.weights_sha256},
                         {"bytes", info.bytes},
                         {"ok", info.ok}};
  if (!info.ok) json["problem"] = info.problem;
  return json;
}

}  // namespace fulmar::actors
