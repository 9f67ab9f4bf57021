#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "runtime/transport/key_files.hpp"
#include "runtime/transport/keys.hpp"

namespace fulmar::transport {
namespace {

namespace fs = std::filesystem;

struct Allowed {
  std::map<std::string, Role> roles;
  std::vector<std::string> problems;
};

/// The public key files of a folder, by name, so that what is said about them does not depend on the file system.
Result<std::set<fs::path>> key_files(const fs::path& folder) {
  std::error_code failure;
  std::set<fs::path> files;
  for (auto entry = fs::directory_iterator(folder, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".pub" && !path.filename().string().starts_with(".")) files.insert(path);
  }
  if (failure)
    return cannot("read", folder, failure.value(), "name the head's directory, as fulmar keygen has made it");
  return files;
}

void add(Allowed& allowed, const fs::path& path, Role role) {
  const Result<std::string> key = read_public_key(path);
  if (!key) {
    allowed.problems.push_back(key.error().message);
  } else if (const auto [found, is_new] = allowed.roles.emplace(*key, role); !is_new && found->second != role) {
    allowed.problems.push_back(path.string() +
                               " holds a worker's key, which cannot be an administrator's as well; make " +
                               "another one: fulmar keygen DIR --add NAME --admin");
  }
}

Result<Allowed> read_allowed(const fs::path& directory) {
  Allowed allowed;
  for (const Role role : {Role::worker, Role::admin}) {
    const Result<std::set<fs::path>> files = key_files(directory / folder_of(role));
    if (!files) return files.error();
    for (const fs::path& path : *files) add(allowed, path, role);
  }
  return allowed;
}

}  // namespace

Result<AllowList> AllowList::read(fs::path directory) {
  AllowList list(std::move(directory));
  if (auto looked = list.refresh(); !looked) return looked.error();
  return list;
}

Result<AllowList::Change> AllowList::refresh() {
  Result<Allowed> allowed = read_allowed(directory_);
  if (!allowed) return allowed.error();
  Change change;
  for (const auto& [key, role] : roles_) {
    const auto found = allowed->roles.find(key);
    if (found == allowed->roles.end() || found->second != role) change.removed.push_back(key);
  }
  for (const std::string& problem : allowed->problems) {
    if (std::ranges::find(problems_, problem) == problems_.end()) change.problems.push_back(problem);
  }
  roles_ = std::move(allowed->roles);
  problems_ = std::move(allowed->problems);
  return change;
}

std::optional<Role> AllowList::role_of(const std::string& key) const {
  const auto found = roles_.find(key);
  return found == roles_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace fulmar::transport
