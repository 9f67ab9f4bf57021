// A small file that is either the old one or the new one, whatever happens in between.
// Thread rule: one writer for a path.
//
// ATOMIC-1: after a crash at any point the path holds the old bytes or the new ones, whole.
#pragma once

#include <string_view>

#include "runtime/storage/storage.hpp"
#include "runtime/storage/term_fence.hpp"

namespace fulmar::storage {

/// Creates or truncates the file, writes and syncs it; its name is durable when its directory is synced.
Result<void> write_synced(Storage& storage, std::string_view path, std::string_view text);

/// Writes `directory`/.writing-`name`, syncs it, renames it to `name`, syncs the directory. "." is the root. With a
/// fence the temporary name carries the term, so that no other head's file is touched, and nothing is renamed that the
/// fence does not let through.
Result<void> write_file_atomically(Storage& storage, std::string_view directory, std::string_view name,
                                   std::string_view text, const TermFence* fence = nullptr);

/// `directory`/`name`, where "." adds nothing.
std::string join_path(std::string_view directory, std::string_view name);

/// A file as text.
Result<std::string> read_text(const Storage& storage, std::string_view path);

}  // namespace fulmar::storage
