// A Storage in memory that fails as real disks do: crashes that keep only what was synced (and a random part of the
// rest), a full disk, a failing or lying fsync, rotten bits. Deterministic by seed.
//
// The model: a file has the bytes that programs see and those that are on the disk; so does a directory with its
// entries. A crash leaves of a file's unsynced bytes nothing, a prefix, or a prefix followed by zeros; of a directory's
// unsynced changes a prefix or any of them (file systems promise no order), each directory for itself.
//
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/storage/storage.hpp"

namespace fulmar::storage {

class FaultyStorage final : public Storage {
 public:
  explicit FaultyStorage(std::uint64_t seed);

  /// From now on, operation number `operation` (counting changes only, the next is 0) happens or does not, by chance,
  /// and everything after it fails: the machine is off.
  void crash_at(std::uint64_t operation);
  bool crashed() const { return crashed_; }
  /// The machine is on again: what was on the disk is what is there.
  void restart();
  /// Changes since crash_at() or the beginning.
  std::uint64_t operations() const { return operations_; }

  /// Calls `body` once, right before operation number `operation` from now (the next is 0): what another head does
  /// while the one that operates is frozen there, after whatever it had looked at.
  void interrupt_at(std::uint64_t operation, std::function<void()> body);

  /// So many bytes can still be written. What is removed gives nothing back.
  void limit_space(std::uint64_t bytes) { space_left_ = bytes; }
  void clear_space_limit() { space_left_ = std::numeric_limits<std::uint64_t>::max(); }
  /// The next sync of a file fails, and nothing of it reaches the disk.
  void fail_next_sync() { fail_next_sync_ = true; }
  /// From now on every sync, of files and of directories, says that all is well and does nothing: a crash finds what
  /// was "synced" as if it had not been. Until lose_syncs(false); the next true sync then covers all before it.
  void lose_syncs(bool lose) { loses_syncs_ = lose; }
  /// Of what is seen and, where it reached the disk, of what is there.
  void flip_bit(const std::string& path, std::uint64_t bit);
  /// Flips one bit of one file that is not empty, both chosen by `random`. Returns its path; empty: there is none.
  std::string rot(std::uint64_t random);
  /// Puts bytes there as if they had been written and synced long ago.
  void plant(const std::string& path, const std::string& text);
  /// Every path under the root, for comparing.
  std::vector<std::string> all_paths() const;

  Result<std::unique_ptr<OutputFile>> create(std::string_view path) override;
  Result<std::unique_ptr<OutputFile>> append_to(std::string_view path) override;
  Result<std::vector<std::byte>> read(std::string_view path) const override;
  Result<std::vector<std::byte>> read_end(std::string_view path, std::uint64_t bytes) const override;
  Result<void> truncate(std::string_view path, std::uint64_t bytes) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  Result<void> create_directories(std::string_view path) override;
  Result<void> sync_directory(std::string_view path) override;
  Result<void> remove_all(std::string_view path) override;
  Result<std::vector<std::string>> list(std::string_view path) const override;
  bool exists(std::string_view path) const override;
  std::string display(std::string_view path) const override;

 private:
  friend class FaultyFile;
  struct Node;
  using NodePtr = std::shared_ptr<Node>;
  using Entries = std::map<std::string, NodePtr, std::less<>>;
  /// A change of a directory that is not on the disk yet: the names that get a node, or lose it.
  using Change = std::vector<std::pair<std::string, NodePtr>>;
  struct Node {
    bool is_directory = false;
    std::vector<std::byte> bytes, durable_bytes;
    std::size_t same = 0;  ///< so many leading bytes are known to be equal in both: a sync copies the rest
    Entries entries, durable_entries;
    std::vector<Change> unsynced;
  };

  /// What an operation has to do: go on, or fail with this.
  enum class Fate { happens, happens_and_crashes, does_not_happen };
  Fate next_operation();
  std::uint64_t random_below(std::uint64_t bound);
  NodePtr find(std::string_view path) const;
  /// The directory that holds the path, and the last name in it.
  std::pair<NodePtr, std::string> parent_of(std::string_view path) const;
  static void apply(Entries& entries, const Change& change);
  void change_directory(const NodePtr& directory, Change change);
  Result<std::unique_ptr<OutputFile>> open(std::string_view path, bool truncates);
  static void make_durable(Node& file);
  void settle(const NodePtr& node);
  std::vector<std::byte> surviving_bytes(const Node& file);
  static void detach(const NodePtr& directory, std::vector<std::pair<NodePtr, Change>>& changes);

  NodePtr root_;
  std::uint64_t random_state_;
  std::uint64_t operations_ = 0;
  std::optional<std::uint64_t> crash_at_;
  bool crashed_ = false;
  std::uint64_t interrupt_in_ = 0;
  std::function<void()> interruption_;
  bool fail_next_sync_ = false;
  bool loses_syncs_ = false;
  std::uint64_t space_left_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace fulmar::storage
