// A file of the run directory that grows by lines: metrics.jsonl, events.jsonl. Losing its end costs pictures, never
// the run. Thread rule: one owner.
#pragma once

#include <memory>
#include <string>

#include "runtime/storage/storage.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

class LineFile {
 public:
  /// `storage` outlives this. Nothing is opened before the first line.
  LineFile(storage::Storage& storage, std::string path) : storage_(storage), path_(std::move(path)) {}

  /// `lines`: each with its end. A line that a crash or a full disk has torn is ended first, so that it spoils no
  /// other.
  Result<void> append(std::string lines);

 private:
  Result<void> append_text(std::string text);

  storage::Storage& storage_;
  std::string path_;
  std::unique_ptr<storage::OutputFile> file_;  // empty: how the file ends is to be looked at
};

}  // namespace fulmar::actors
