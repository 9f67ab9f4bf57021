#include "runtime/storage/journal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/crc32c.hpp"

namespace fulmar::storage {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{64} * 1024;
constexpr std::size_t kPendingBytesMax = std::size_t{16} * 1024 * 1024;
constexpr std::size_t kChecksumDigits = 8;

std::string checksum(std::string_view json) {
  std::array<char, kChecksumDigits> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), crc32c(json), 16).ptr;
  const std::string text(digits.data(), end);
  return std::string(kChecksumDigits - text.size(), '0') + text;
}

/// The JSON of a line whose checksum holds; empty otherwise. `line` is without its end.
std::string_view checked_json(std::string_view line) {
  if (line.size() < kChecksumDigits + 2 || line[kChecksumDigits] != ' ') return {};
  const std::string_view json = line.substr(kChecksumDigits + 1);
  return line.substr(0, kChecksumDigits) == checksum(json) ? json : std::string_view{};
}

/// Whether any line of `text` has a checksum that holds.
bool holds_good_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    if (!checked_json(text.substr(0, end)).empty()) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

Result<JournalContents> read_journal(const Storage& storage, std::string_view path) {
  const auto text = read_text(storage, path);
  if (!text) return text.error();
  const std::string where = storage.display(path);
  JournalContents contents;
  core::Term highest = 0;
  for (std::string_view left = *text; !left.empty();) {
    const std::string line_name =
        where + " line " + std::to_string(contents.records.size() + contents.void_records + 1);
    const std::size_t end = left.find('\n');
    const std::string_view json =
        end == std::string_view::npos ? std::string_view{} : checked_json(left.substr(0, end));
    if (json.empty()) {
      if (holds_good_line(left.substr(std::min(end, left.size())))) {
        return Error{line_name +
                     ": corrupt: its checksum does not match, and good records follow, so it is no torn tail; "
                     "restore the file from a copy, or keep only what comes before with: truncate -s " +
                     std::to_string(contents.good_bytes) + " " + where};
      }
      contents.torn_bytes = left.size();
      break;
    }
    auto written = decode_record(json, line_name);
    if (!written) return written.error();
    if (written->by_term != 0 && written->by_term < highest) {
      ++contents.void_records;
    } else {
      if (const auto* started = std::get_if<core::TermStarted>(&written->record)) {
        highest = std::max(highest, started->term);
      }
      contents.records.push_back(std::move(written->record));
    }
    contents.good_bytes += end + 1;
    left.remove_prefix(end + 1);
  }
  return contents;
}

Result<OpenedJournal> Journal::open(Storage& storage, std::string path) {
  JournalContents contents;
  if (storage.exists(path)) {
    auto found = read_journal(storage, path);
    if (!found) return found.error();
    contents = std::move(*found);
  }
  if (contents.torn_bytes > 0) {
    if (auto done = storage.truncate(path, contents.good_bytes); !done) return done.error();
  }
  auto file = storage.append_to(path);
  if (!file) return file.error();
  // The cut, and the file's name where it is new, must be durable before a record follows.
  if (auto done = (*file)->sync(); !done) return done.error();
  if (auto done = storage.sync_directory("."); !done) return done.error();
  return OpenedJournal{Journal(storage, std::move(path), std::move(*file), contents.good_bytes),
                       std::move(contents.records), contents.torn_bytes, contents.void_records};
}

Result<void> Journal::append(const core::JournalRecord& record) {
  const std::string json = encode_record(record, fence_ ? fence_->term() : 0);
  if (pending_.size() + json.size() + kChecksumDigits + 2 > kPendingBytesMax) {
    return Error{storage_->display(path_) + ": " + std::to_string(pending_.size()) +
                 " bytes of records could not be written for long; free space on its disk"};
  }
  pending_ += checksum(json) + " " + json + "\n";
  if (pending_.size() >= next_write_ + kWriteBytes) {
    next_write_ = pending_.size();
    static_cast<void>(sync());  // the caller's own sync() tells of a failure; until then the records wait
  }
  return {};
}

// After a failure nobody knows how much of what was written is on the disk (a failed fsync drops dirty pages). So all
// that was not durable is cut off and written again.
Result<void> Journal::sync() {
  if (pending_.empty()) return {};
  if (fence_) {
    if (auto done = fence_->check(); !done) return done;
  }
  if (tail_is_foul_) {
    if (auto done = storage_->truncate(path_, durable_bytes_); !done) return done;
  }
  tail_is_foul_ = true;
  if (auto done = file_->append(std::as_bytes(std::span(pending_))); !done) return done;
  if (auto done = file_->sync(); !done) return done;
  tail_is_foul_ = false;
  durable_bytes_ += pending_.size();
  pending_.clear();
  next_write_ = 0;
  return {};
}

core::Term highest_term(std::span<const core::JournalRecord> records) {
  core::Term highest = 0;
  for (const core::JournalRecord& record : records) {
    if (const auto* started = std::get_if<core::TermStarted>(&record)) highest = std::max(highest, started->term);
  }
  return highest;
}

Result<core::Term> raise_term(Journal& journal, std::span<const core::JournalRecord> records, core::Version version) {
  // The file goes first, so that an earlier head is fenced off before the journal grows. So it may be one ahead of the
  // journal; where it does not hold together, it is taken to have been.
  const auto in_file = read_term_file(*journal.storage_);
  const core::Term in_journal = highest_term(records);
  const core::Term term = (in_file ? std::max(*in_file, in_journal) : in_journal + 1) + 1;
  if (auto done = write_term_file(*journal.storage_, term); !done) return done.error();
  journal.fence_.emplace(*journal.storage_, term);
  if (auto done = journal.append(core::TermStarted{term, version}); !done) return done.error();
  if (auto done = journal.sync(); !done) return done.error();
  return term;
}

}  // namespace fulmar::storage
