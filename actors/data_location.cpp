// Where a run's data lie on this machine, when that is not where its config says.
#include <filesystem>
#include <glob.h>
#include <string>

#include "actors/experiment.hpp"

namespace fulmar::actors {
namespace {

bool is_pattern(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

/// Whether there is a file, or for a pattern at least one.
bool is_there(const std::string& path) {
  glob_t matches{};
  const bool found = glob(path.c_str(), 0, nullptr, &matches) == 0;
  globfree(&matches);
  return found;
}

Result<void> replace_the_only_file(std::vector<std::string>& paths, const std::string& file) {
  if (paths.size() == 1 && !is_pattern(paths.front())) {
    paths.front() = file;
    return {};
  }
  const std::string named = paths.size() == 1 ? "the files " + paths.front() : std::to_string(paths.size()) + " files";
  return Error{"--data " + file + " is one file, and the run's data.path names " + named +
               "; give the folder they lie in"};
}

Result<void> look_in(const std::string& folder, std::string& path) {
  const std::string here = (std::filesystem::path(folder) / std::filesystem::path(path).filename()).string();
  if (is_there(here)) {
    path = here;
  } else if (!is_there(path)) {
    return Error{"--data " + folder + " has no " + std::filesystem::path(path).filename().string() +
                 ", and there is no " + path + " either, where the run's config has it; bring the file"};
  }
  return {};
}

}  // namespace

Result<void> take_data_from(config::RunConfig& config, const std::string& path) {
  std::error_code unreadable;
  const std::filesystem::file_status status = std::filesystem::status(path, unreadable);
  if (!std::filesystem::exists(status)) return Error{"--data " + path + ": there is no such file or folder"};
  if (!std::filesystem::is_directory(status)) return replace_the_only_file(config.data.paths, path);
  for (std::string& file : config.data.paths) {
    if (const Result<void> found = look_in(path, file); !found) return found;
  }
  for (data::StaticFieldSpec& field : config.data.statics) {
    if (const Result<void> found = look_in(path, field.path); !found) return found;
  }
  return {};
}

}  // namespace fulmar::actors
