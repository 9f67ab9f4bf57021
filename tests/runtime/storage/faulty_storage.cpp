#include "tests/runtime/storage/faulty_storage.hpp"

#include <algorithm>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::storage {
namespace {

Error off() {
  return Error{"the machine is off"};
}
Error missing(std::string_view path) {
  return Error{std::string(path) + ": no such file or directory"};
}

/// Takes the first name off a path; empty when none is left.
std::string_view take_name(std::string_view& path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (!name.empty() && name != ".") return name;
  }
  return {};
}

// SplitMix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

}  // namespace

class FaultyFile final : public OutputFile {
 public:
  FaultyFile(FaultyStorage& storage, FaultyStorage::NodePtr node) : storage_(storage), node_(std::move(node)) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    const auto fate = storage_.next_operation();
    if (fate == FaultyStorage::Fate::does_not_happen) return off();
    const std::size_t taken = std::min<std::uint64_t>(bytes.size(), storage_.space_left_);
    storage_.space_left_ -= taken;
    node_->bytes.insert(node_->bytes.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    if (fate == FaultyStorage::Fate::happens_and_crashes) return off();
    if (taken < bytes.size()) return Error{"No space left on device"};
    return {};
  }

  Result<void> sync() override {
    const auto fate = storage_.next_operation();
    if (fate == FaultyStorage::Fate::does_not_happen) return off();
    if (std::exchange(storage_.fail_next_sync_, false)) return Error{"Input/output error"};
    if (!storage_.loses_syncs_) FaultyStorage::make_durable(*node_);
    return fate == FaultyStorage::Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
  }

 private:
  FaultyStorage& storage_;
  FaultyStorage::NodePtr node_;
};

FaultyStorage::FaultyStorage(std::uint64_t seed) : root_(std::make_shared<Node>()), random_state_(seed) {
  root_->is_directory = true;
}

std::uint64_t FaultyStorage::random_below(std::uint64_t bound) {
  random_state_ += kGolden;
  return mixed(random_state_) % bound;
}

void FaultyStorage::make_durable(Node& file) {
  file.durable_bytes.resize(file.same);
  file.durable_bytes.insert(file.durable_bytes.end(), file.bytes.begin() + static_cast<std::ptrdiff_t>(file.same),
                            file.bytes.end());
  file.same = file.bytes.size();
}

void FaultyStorage::crash_at(std::uint64_t operation) {
  operations_ = 0;
  crash_at_ = operation;
}

void FaultyStorage::interrupt_at(std::uint64_t operation, std::function<void()> body) {
  interrupt_in_ = operation;
  interruption_ = std::move(body);
}

FaultyStorage::Fate FaultyStorage::next_operation() {
  if (interruption_ && interrupt_in_-- == 0) std::exchange(interruption_, nullptr)();
  if (crashed_) return Fate::does_not_happen;
  if (crash_at_ != operations_++) return Fate::happens;
  crashed_ = true;
  return random_below(2) == 0 ? Fate::happens_and_crashes : Fate::does_not_happen;
}

void FaultyStorage::restart() {
  settle(root_);
  crashed_ = false;
  crash_at_.reset();
}

void FaultyStorage::settle(const NodePtr& node) {
  if (!node->is_directory) {
    node->bytes = node->durable_bytes = surviving_bytes(*node);
    node->same = node->bytes.size();
    return;
  }
  const bool in_order = random_below(2) == 0;
  const std::uint64_t survivors = random_below(node->unsynced.size() + 1);
  for (std::uint64_t i = 0; i < node->unsynced.size(); ++i) {
    if (in_order ? i < survivors : random_below(2) == 0) apply(node->durable_entries, node->unsynced[i]);
  }
  node->unsynced.clear();
  node->entries = node->durable_entries;
  for (const auto& [name, child] : node->entries) settle(child);
}

std::vector<std::byte> FaultyStorage::surviving_bytes(const Node& file) {
  if (file.bytes == file.durable_bytes) return file.bytes;
  if (random_below(3) == 0) return file.durable_bytes;
  const auto common =
      std::mismatch(file.bytes.begin(), file.bytes.end(), file.durable_bytes.begin(), file.durable_bytes.end());
  const auto same = static_cast<std::uint64_t>(common.first - file.bytes.begin());
  const std::uint64_t kept = same + random_below(file.bytes.size() - same + 1);
  std::vector<std::byte> bytes(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(kept));
  if (random_below(2) == 0) bytes.resize(file.bytes.size());  // the length arrived, the data did not
  return bytes;
}

FaultyStorage::NodePtr FaultyStorage::find(std::string_view path) const {
  NodePtr node = root_;
  for (auto name = take_name(path); !name.empty(); name = take_name(path)) {
    const auto found = node->entries.find(name);
    if (found == node->entries.end()) return nullptr;
    node = found->second;
  }
  return node;
}

std::pair<FaultyStorage::NodePtr, std::string> FaultyStorage::parent_of(std::string_view path) const {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  FULMAR_ASSERT(!name.empty() && name != ".", "the root has no parent, and no name ends with a slash");
  return {find(path.substr(0, path.size() - name.size())), std::string(name)};
}

void FaultyStorage::apply(Entries& entries, const Change& change) {
  for (const auto& [name, node] : change) {
    if (node) entries[name] = node;
    if (!node) entries.erase(name);
  }
}

void FaultyStorage::change_directory(const NodePtr& directory, Change change) {
  apply(directory->entries, change);
  directory->unsynced.push_back(std::move(change));
}

Result<std::unique_ptr<OutputFile>> FaultyStorage::open(std::string_view path, bool truncates) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  const auto [directory, name] = parent_of(path);
  if (!directory) return missing(path);
  NodePtr node = find(path);
  if (!node) {
    node = std::make_shared<Node>();
    change_directory(directory, {{name, node}});
  } else if (truncates) {
    node->bytes.clear();
    node->same = 0;
  }
  if (fate == Fate::happens_and_crashes) return off();
  return std::unique_ptr<OutputFile>(std::make_unique<FaultyFile>(*this, std::move(node)));
}

Result<std::unique_ptr<OutputFile>> FaultyStorage::create(std::string_view path) {
  return open(path, true);
}
Result<std::unique_ptr<OutputFile>> FaultyStorage::append_to(std::string_view path) {
  return open(path, false);
}

Result<std::vector<std::byte>> FaultyStorage::read(std::string_view path) const {
  if (crashed_) return off();
  const NodePtr node = find(path);
  if (!node || node->is_directory) return missing(display(path));
  return node->bytes;
}

Result<std::vector<std::byte>> FaultyStorage::read_end(std::string_view path, std::uint64_t bytes) const {
  auto all = read(path);
  if (!all || all->size() <= bytes) return all;
  return std::vector<std::byte>(all->end() - static_cast<std::ptrdiff_t>(bytes), all->end());
}

Result<void> FaultyStorage::truncate(std::string_view path, std::uint64_t bytes) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  const NodePtr node = find(path);
  if (!node) return missing(path);
  node->bytes.resize(bytes);
  node->same = std::min<std::size_t>(node->same, bytes);
  return fate == Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
}

Result<void> FaultyStorage::rename(std::string_view from, std::string_view to) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  const auto [directory, old_name] = parent_of(from);
  const auto [target, new_name] = parent_of(to);
  const NodePtr node = find(from);
  if (!node || !target) return missing(from);
  FULMAR_ASSERT(directory == target, "only renames within a directory are modelled");
  if (const NodePtr there = find(to); there && there->is_directory && !there->entries.empty()) {
    return Error{std::string(to) + ": directory not empty"};
  }
  change_directory(directory, {{old_name, nullptr}, {new_name, node}});
  return fate == Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
}

Result<void> FaultyStorage::create_directories(std::string_view path) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  NodePtr node = root_;
  for (auto name = take_name(path); !name.empty(); name = take_name(path)) {
    auto found = node->entries.find(name);
    if (found == node->entries.end()) {
      const auto child = std::make_shared<Node>();
      child->is_directory = true;
      change_directory(node, {{std::string(name), child}});
      found = node->entries.find(name);
    }
    node = found->second;
  }
  return fate == Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
}

Result<void> FaultyStorage::sync_directory(std::string_view path) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  const NodePtr node = find(path);
  if (!node) return missing(path);
  if (!loses_syncs_) {
    for (const Change& change : node->unsynced) apply(node->durable_entries, change);
    node->unsynced.clear();
  }
  return fate == Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
}

// Depth first, as every program does it: one change for each thing removed.
void FaultyStorage::detach(const NodePtr& directory, std::vector<std::pair<NodePtr, Change>>& changes) {
  for (const auto& [name, child] : directory->entries) {
    if (child->is_directory) detach(child, changes);
    changes.push_back({directory, {{name, nullptr}}});
  }
}

Result<void> FaultyStorage::remove_all(std::string_view path) {
  const auto fate = next_operation();
  if (fate == Fate::does_not_happen) return off();
  const NodePtr node = find(path);
  if (node) {
    const auto [directory, name] = parent_of(path);
    std::vector<std::pair<NodePtr, Change>> changes;
    if (node->is_directory) detach(node, changes);
    changes.push_back({directory, {{name, nullptr}}});
    if (fate == Fate::happens_and_crashes) changes.resize(random_below(changes.size()) + 1);
    for (auto& [where, change] : changes) change_directory(where, std::move(change));
  }
  return fate == Fate::happens_and_crashes ? Result<void>(off()) : Result<void>{};
}

Result<std::vector<std::string>> FaultyStorage::list(std::string_view path) const {
  if (crashed_) return off();
  const NodePtr node = find(path);
  if (!node || !node->is_directory) return missing(display(path));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->entries) names.push_back(name);
  return names;
}

bool FaultyStorage::exists(std::string_view path) const {
  return !crashed_ && find(path) != nullptr;
}

std::string FaultyStorage::display(std::string_view path) const {
  return path == "." ? "RUN" : "RUN/" + std::string(path);
}

void FaultyStorage::flip_bit(const std::string& path, std::uint64_t bit) {
  const NodePtr node = find(path);
  FULMAR_ASSERT(node && bit / 8 < node->bytes.size(), "no such bit in " + path);
  node->bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  if (bit / 8 < node->durable_bytes.size()) node->durable_bytes[bit / 8] ^= std::byte{1} << (bit % 8);
}

std::string FaultyStorage::rot(std::uint64_t random) {
  std::vector<std::string> candidates;
  for (const std::string& path : all_paths()) {
    if (const NodePtr node = find(path); !node->is_directory && !node->bytes.empty()) candidates.push_back(path);
  }
  if (candidates.empty()) return {};
  const std::string& path = candidates[mixed(random) % candidates.size()];
  flip_bit(path, mixed(random + kGolden) % (8 * find(path)->bytes.size()));
  return path;
}

void FaultyStorage::plant(const std::string& path, const std::string& text) {
  const auto [directory, name] = parent_of(path);
  FULMAR_ASSERT(directory, "no directory for " + path);
  const auto node = std::make_shared<Node>();
  for (const char c : text) node->bytes.push_back(static_cast<std::byte>(c));
  node->durable_bytes = node->bytes;
  node->same = node->bytes.size();
  directory->entries[name] = directory->durable_entries[name] = node;
}

std::vector<std::string> FaultyStorage::all_paths() const {
  std::vector<std::string> paths;
  std::vector<std::pair<std::string, NodePtr>> open{{"", root_}};
  while (!open.empty()) {
    const auto [prefix, node] = open.back();
    open.pop_back();
    for (const auto& [name, child] : node->entries) {
      paths.push_back(prefix + name);
      if (child->is_directory) open.emplace_back(prefix + name + "/", child);
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace fulmar::storage
