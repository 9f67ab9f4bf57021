#include "actors/config/run_config.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <variant>
#include <vector>

#include "actors/config/resolved_text.hpp"
#include "actors/config/sections.hpp"
#include "actors/config/toml_document.hpp"

namespace fulmar::config {
namespace {

/// checkpoint.every and checkpoint.every_rounds exclude each other: a --set of the one replaces the other of the file.
void let_override_replace(Table& document) {
  for (Entry& section : document) {
    auto* table = section.key == "checkpoint" ? std::get_if<Table>(&section.value.content) : nullptr;
    if (table == nullptr) continue;
    const Value* time = find(*table, "every");
    const Value* rounds = find(*table, "every_rounds");
    if (time == nullptr || rounds == nullptr || (time->origin.line == 0) == (rounds->origin.line == 0)) return;
    const std::string_view replaced = time->origin.line == 0 ? "every_rounds" : "every";
    std::erase_if(*table, [&](const Entry& entry) { return entry.key == replaced; });
    return;
  }
}

}  // namespace

Result<RunConfig> parse_run_config(std::string_view text, std::string_view file,
                                   const std::vector<std::string>& overrides) {
  Result<Table> document = parse_toml(text, file);
  if (!document) return document.error();
  for (const std::string& assignment : overrides) {
    if (auto applied = apply_override(*document, assignment); !applied) return applied.error();
  }
  let_override_replace(*document);

  RunConfig config;
  Problems problems;
  const std::string name(file);
  const Source source{*document, name, problems};
  refuse_other_sections(source);
  read_run(source, config.run);
  read_data(source, config.data);
  read_task(source, config.task);
  read_model(source, config.model);
  read_optimizer(source, config.optimizer);
  read_policy(source, config.policy, config.optimizer.remedies);
  read_stop(source, config.data, config.stop);
  read_checkpoint(source, config.checkpoint);
  if (!problems.empty()) return problems.error();

  config.toml = resolved_toml(config);
  config.weights_part = weights_part(config);
  return config;
}

Result<RunConfig> load_run_config(const std::string& path, const std::vector<std::string>& overrides) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) failure = std::make_error_code(std::errc::is_a_directory);
  std::ifstream file;
  std::ostringstream text;
  if (!failure) {
    errno = 0;
    file.open(path, std::ios::binary);
    text << file.rdbuf();
    if (!file) failure = std::error_code(errno, std::generic_category());
  }
  if (failure) {
    return Error{path + ": cannot be read (" + failure.message() + "); expected a run's config, for example RUN.toml"};
  }
  return parse_run_config(text.view(), path, overrides);
}

}  // namespace fulmar::config
