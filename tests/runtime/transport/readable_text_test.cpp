#include "runtime/transport/readable_text.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::transport {
namespace {

constexpr TextLimits kShort{8, false};

BOOST_AUTO_TEST_SUITE(readable_texts)

BOOST_AUTO_TEST_CASE(text_is_utf8_without_control_characters) {
  for (const char* text : {"", "node-7", "Zürich", "温度", "𝛼"}) BOOST_TEST(is_readable(text, kName), text);
  // A lone continuation, a cut character, an overlong '/', a surrogate, beyond Unicode, an escape, delete, a C1
  // control.
  for (const char* text :
       {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x1b[2J", "\x7f", "\xc2\x85"}) {
    BOOST_TEST(!is_readable(text, kName));
  }
  BOOST_TEST(!is_readable(std::string_view("\0", 1), kName));
}

BOOST_AUTO_TEST_CASE(only_prose_has_lines) {
  BOOST_TEST(!is_readable("two\nlines", kName));
  BOOST_TEST(is_readable("two\n\tlines", kProse));
  BOOST_TEST(!is_readable("two\r\nlines", kProse));
}

BOOST_AUTO_TEST_CASE(a_limit_counts_bytes) {
  BOOST_TEST(is_readable("12345678", kShort));
  BOOST_TEST(!is_readable("123456789", kShort));
}

// TEXT-1
BOOST_AUTO_TEST_CASE(what_is_made_readable_is_readable) {
  BOOST_TEST(readable("as it is", kName) == "as it is");
  BOOST_TEST(readable("a\xff\x1b z", kName) == "a?? z");
  BOOST_TEST(readable("1234567ü", kShort) == "1234567");  // not half of a character
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second), 'x'};
      const std::string clean = readable(text, kProse);
      BOOST_TEST(is_readable(clean, kProse));
      BOOST_TEST((clean == text) == is_readable(text, kProse));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
