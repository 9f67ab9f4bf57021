#include "actors/report/object_lines.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/actors/report/scratch_folder.hpp"

using namespace fulmar;
using namespace fulmar::report;

namespace {

struct Read {
  std::vector<std::string> lines;
  std::uint64_t skipped = 0;
};

Read read(const std::string& text) {
  const test::ScratchFolder folder;
  Read read;
  const auto skipped = for_each_object(folder.write("lines", text), [&](std::string_view line) {
    read.lines.emplace_back(line);
    return true;
  });
  BOOST_REQUIRE(skipped.ok());
  read.skipped = *skipped;
  return read;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(object_lines)

BOOST_AUTO_TEST_CASE(lines_come_in_order_and_the_last_needs_no_end) {
  const Read found = read("{\"a\":1}\n\n{\"b\":{}}\n{}");
  BOOST_TEST((found.lines == std::vector<std::string>{"{\"a\":1}", "{\"b\":{}}", "{}"}));
  BOOST_TEST(found.skipped == 0u);
  BOOST_TEST(read("").lines.empty());
}

BOOST_AUTO_TEST_CASE(a_torn_or_foreign_line_costs_no_other) {
  const Read found = read("{\"a\":1}\n{\"a\":\nnote to myself\n{\"a\":2}\n{\"a\":3");
  BOOST_TEST((found.lines == std::vector<std::string>{"{\"a\":1}", "{\"a\":2}"}));
  BOOST_TEST(found.skipped == 3u);
}

// Chunks of the file end anywhere; a line beyond the bound is never held as a whole.
BOOST_AUTO_TEST_CASE(long_lines_are_read_up_to_the_bound) {
  std::string text;
  std::size_t fits = 0;
  for (std::size_t bytes = 3; bytes <= kLineBytesMax + 3; bytes += 4099) {
    text += "{" + std::string(bytes - 2, 'x') + "}\n";
    ++fits;
  }
  text += "{" + std::string(kLineBytesMax - 2, 'x') + "}\n";
  text += "{" + std::string(kLineBytesMax - 1, 'x') + "}\n";
  text += "{" + std::string(5 * kLineBytesMax, 'x') + "}\n{}\n";
  const Read found = read(text);
  BOOST_REQUIRE(found.lines.size() == fits + 2);
  BOOST_TEST(found.lines[fits].size() == kLineBytesMax);
  BOOST_TEST(found.lines.back() == "{}");
  BOOST_TEST(found.skipped == 2u);
  for (const std::string& line : found.lines) BOOST_REQUIRE((line.front() == '{' && line.back() == '}'));
}

BOOST_AUTO_TEST_CASE(what_the_reader_refuses_is_counted) {
  const test::ScratchFolder folder;
  const auto skipped =
      for_each_object(folder.write("lines", "{1}\n{2}\n{3}\n"), [](std::string_view line) { return line == "{2}"; });
  BOOST_REQUIRE(skipped.ok());
  BOOST_TEST(*skipped == 2u);
  const auto missing = for_each_object(folder.path() + "/none", [](std::string_view) { return true; });
  BOOST_REQUIRE(!missing.ok());
  BOOST_TEST(missing.error().message.find(folder.path() + "/none") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
