#include "actors/line_file.hpp"

#include <span>
#include <utility>
#include <vector>

namespace fulmar::actors {

Result<void> LineFile::append(std::string lines) {
  Result<void> appended = append_text(std::move(lines));
  if (!appended) file_.reset();
  return appended;
}

Result<void> LineFile::append_text(std::string text) {
  if (!file_) {
    if (storage_.exists(path_)) {
      const Result<std::vector<std::byte>> end = storage_.read_end(path_, 1);
      if (!end) return end.error();
      if (!end->empty() && end->back() != std::byte{'\n'}) text.insert(text.begin(), '\n');
    }
    Result<std::unique_ptr<storage::OutputFile>> opened = storage_.append_to(path_);
    if (!opened) return opened.error();
    file_ = std::move(*opened);
  }
  return file_->append(std::as_bytes(std::span(text)));
}

}  // namespace fulmar::actors
