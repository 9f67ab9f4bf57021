#include "tests/actors/report/scratch_folder.hpp"

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <system_error>

#include <boost/test/unit_test.hpp>

namespace fulmar::report::test {

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "fulmar_report_XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::write(const std::string& name, std::string_view text) const {
  std::ofstream file(path_ + "/" + name, std::ios::binary);
  file << text;
  file.close();
  BOOST_REQUIRE(file.good());
  return path_ + "/" + name;
}

std::string ScratchFolder::write_lines(const std::string& name, const std::vector<std::string>& lines) const {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return write(name, text);
}

}  // namespace fulmar::report::test
