// What a run directory holds, with every checksum compared.
// Thread rule: pure functions over a run directory; read only, also beside a head that writes to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/core/manifest.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"

namespace fulmar::actors {

struct Inspection {
  core::Manifest manifest;
  storage::JournalContents journal;  ///< empty where there is none yet, or none that can be read
  std::vector<storage::CheckpointInfo> checkpoints;
  std::optional<storage::StateFile> state;  ///< of the newest good full checkpoint, or of the one that was named
  std::optional<core::Version> best;
  bool finished = false;              ///< the run reached its own end
  std::vector<std::string> problems;  ///< of all but the checkpoints, which tell of their own

  bool ok() const;
};

/// `version`: looks at this checkpoint alone.
Result<Inspection> inspect(storage::Storage& storage, core::Manifest manifest, std::optional<core::Version> version);

/// As `inspect --json` lists it.
nlohmann::json checkpoint_json(const storage::CheckpointInfo& info);

}  // namespace fulmar::actors
