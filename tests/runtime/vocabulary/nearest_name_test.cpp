#include "runtime/vocabulary/nearest_name.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar {

BOOST_AUTO_TEST_SUITE(nearest_name)

BOOST_AUTO_TEST_CASE(a_slip_of_the_fingers_finds_the_name) {
  const std::vector<std::string> names{"leaves", "leaf_size", "shards"};
  BOOST_TEST(suggestion("leafs", names) == "did you mean \"leaves\"?");
  BOOST_TEST(suggestion("leaf_sise", names) == "did you mean \"leaf_size\"?");
  BOOST_TEST(suggestion("SHARDS", names) == "did you mean \"shards\"?");
}

BOOST_AUTO_TEST_CASE(what_is_like_nothing_gets_the_whole_list) {
  const std::vector<std::string> names{"cnn", "linear"};
  BOOST_TEST(suggestion("transformer", names) == "expected one of: cnn, linear");
  BOOST_TEST(suggestion("x", std::vector<std::string>{}) == "there is none");
}

BOOST_AUTO_TEST_CASE(an_unknown_choice_names_key_and_value) {
  const std::vector<std::string> names{"cnn", "linear"};
  BOOST_TEST(unknown_choice("kind", "cn", names).message == "kind = \"cn\" is not supported; did you mean \"cnn\"?");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar
