#include "runtime/storage/term_fence.hpp"

#include <nlohmann/json.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/json_reader.hpp"
#include "runtime/storage/sealed_json.hpp"

namespace fulmar::storage {
namespace {

std::string encode_term(core::Term term) {
  return seal({{"term", term}});
}

Result<core::Term> decode_term(std::string_view text, const std::string& where) {
  const auto document = unseal(text, where);
  if (!document) return document.error();
  JsonReader reader(*document, where);
  const core::Term term = reader.natural("term");
  if (!reader.ok()) return reader.error();
  return term;
}

/// Of the newest head: as the file says, else as the journal does.
Result<core::Term> newest_term(const Storage& storage) {
  const auto term = read_term_file(storage);
  if (term && *term > 0) return term;
  const auto journal = read_journal(storage);
  if (journal) return highest_term(journal->records);
  return Error{"whether a newer head has taken over " + storage.display(".") +
               " cannot be told: " + (term ? storage.display(kTermFile) + " is not there" : term.error().message) +
               "; " + journal.error().message};
}

}  // namespace

TermFence::TermFence(const Storage& storage, core::Term term)
    : storage_(&storage), term_(term), own_text_(encode_term(term)) {}

Result<void> TermFence::check() const {
  // The usual case costs a read and a comparison.
  if (const auto text = read_text(*storage_, kTermFile); text && *text == own_text_) return {};
  const auto newest = newest_term(*storage_);
  if (!newest) return newest.error();
  if (*newest <= term_) return {};
  return Error{"a newer head (term " + std::to_string(*newest) + ") has taken over " + storage_->display(".") +
               "; this one (term " + std::to_string(term_) + ") stops"};
}

Result<core::Term> read_term_file(const Storage& storage) {
  if (!storage.exists(kTermFile)) return core::Term{0};
  const auto text = read_text(storage, kTermFile);
  if (!text) return text.error();
  return decode_term(*text, storage.display(kTermFile));
}

Result<void> write_term_file(Storage& storage, core::Term term) {
  return write_file_atomically(storage, ".", kTermFile, encode_term(term));
}

}  // namespace fulmar::storage
