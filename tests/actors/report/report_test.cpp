#include "actors/report/report.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "runtime/storage/manifest_file.hpp"
#include "runtime/storage/posix_storage.hpp"
#include "tests/actors/report/scratch_folder.hpp"

using namespace fulmar;
using namespace fulmar::report;

namespace {

constexpr const char* kConfig = R"(
[run]
name = "small"
[data]
path = "winds.nc"
targets = ["U"]
train = ["1982-01", "1983-12"]
test = ["1991-01", "1991-06"]
[task]
kind = "downscale"
factor = 4
[model]
kind = "cnn"
[stop]
epochs = 4
)";

core::Manifest manifest() {
  core::Manifest manifest;
  manifest.run_id = "0123456789abcdef0123456789abcdef";
  manifest.name = "small";
  manifest.config = kConfig;
  manifest.config_sha256 = "ab12";
  manifest.train_samples = 24;
  manifest.parameter_count = 99;
  return manifest;
}

Report gathered(const test::ScratchFolder& folder) {
  storage::PosixStorage storage(folder.path());
  auto report =
      gather_report({folder.path(), manifest(), nullptr, nullptr, data::Split::test, "", {"no data"}}, storage);
  BOOST_REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().message));
  return *std::move(report);
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_)

// REPORT-1: a run that has written nothing but its manifest. 24 samples in units of 8 leaves: 3 rounds an epoch.
BOOST_AUTO_TEST_CASE(what_is_not_there_is_left_out_and_said) {
  const test::ScratchFolder folder;
  const Report report = gathered(folder);
  const nlohmann::json json = nlohmann::json::parse(report.json);
  BOOST_TEST(json["run"]["id"] == "0123456789abcdef0123456789abcdef");
  BOOST_TEST(json["run"]["config"] == kConfig);
  BOOST_TEST(json["run"]["manifest"]["config_sha256"] == "ab12");
  BOOST_TEST(!json["run"]["manifest"].contains("config"));
  BOOST_TEST(json["run"]["version"] == 0);
  BOOST_TEST(json["run"]["end_version"] == 12);
  BOOST_TEST(json["run"]["epochs"] == 4);
  BOOST_TEST(json["run"]["policy"] == "sync");
  BOOST_TEST(json["run"]["weights_sha256"].is_null());
  BOOST_TEST(json["run"]["finished"] == false);
  for (const char* absent : {"scores", "maps", "best_version"}) BOOST_TEST(json[absent].is_null());
  for (const char* empty : {"events", "checkpoints", "terms", "validation"})
    BOOST_TEST((json[empty].is_array() && json[empty].empty()));
  for (const char* column : {"term", "version", "time", "loss", "samples_per_second", "nodes"})
    BOOST_TEST(json["history"][column].is_array());
  BOOST_REQUIRE_MESSAGE(report.notes.size() == 4u, json["notes"].dump());
  BOOST_TEST((json["notes"] == nlohmann::json(report.notes)));
  BOOST_TEST(report.notes[0] == "no data");
  BOOST_TEST(report.notes[1].find("no good checkpoint") != std::string::npos);
  BOOST_TEST(report.notes[2].find(folder.path() + "/metrics.jsonl") != std::string::npos);
  BOOST_TEST(report.notes[3].find(folder.path() + "/events.jsonl") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(lines_that_could_not_be_read_are_told) {
  const test::ScratchFolder folder;
  folder.write_lines("metrics.jsonl", {"{\"term\":1,\"version\":1}", "{\"term\":1,"});
  folder.write_lines("events.jsonl", {"{\"time\":", "{\"time\":"});
  const Report report = gathered(folder);
  BOOST_REQUIRE(report.notes.size() == 4u);
  BOOST_TEST(report.notes[2].find("metrics.jsonl: 1 line could not be read") != std::string::npos);
  BOOST_TEST(report.notes[3].find("events.jsonl: 2 lines could not be read") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_journal_that_cannot_be_read_costs_what_it_says) {
  const test::ScratchFolder folder;
  folder.write("journal", "deadbeef {\"bad\":1}\n00000000 {}\n0badc0de {}\n");
  const Report report = gathered(folder);
  BOOST_TEST(nlohmann::json::parse(report.json)["failures"]["lost"] == 0);
}

// REPORT-3. A reader may hold the old file open; its bytes stay what they were.
BOOST_AUTO_TEST_CASE(a_page_replaces_another_as_a_whole) {
  const test::ScratchFolder folder;
  const std::string page = folder.write(std::string(kReportFile), "the old page");
  std::ifstream reader(page);
  storage::PosixStorage storage(folder.path());
  const auto written = write_report({R"json({"name":"</script><script>alert(1)"})json", {}}, storage);
  BOOST_REQUIRE_MESSAGE(written.ok(), (written.ok() ? "" : written.error().message));
  const std::string text = text_of(page);
  BOOST_TEST(text.find("id=\"report-data\"") != std::string::npos);
  BOOST_TEST(text.find("alert(1)") != std::string::npos);
  BOOST_TEST(text.find("<script>alert(1)") == std::string::npos);
  std::ostringstream old;
  old << reader.rdbuf();
  BOOST_TEST(old.str() == "the old page");
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);  // nothing else is left

  storage::PosixStorage nowhere(folder.path() + "/nowhere");
  const auto refused = write_report({"{}", {}}, nowhere);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().message.find(folder.path() + "/nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
