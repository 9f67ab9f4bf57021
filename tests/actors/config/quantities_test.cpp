#include "actors/config/quantities.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

namespace fulmar::config {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(quantities)

BOOST_AUTO_TEST_CASE(durations_and_sizes_read_as_written) {
  BOOST_TEST((parse_duration("250ms") == 250ms));
  BOOST_TEST((parse_duration("30s") == 30s));
  BOOST_TEST((parse_duration("5min") == 5min));
  BOOST_TEST((parse_duration("2h") == 2h));
  BOOST_TEST(*parse_size("512MB") == 512'000'000u);
  BOOST_TEST(*parse_size("512MiB") == 512u << 20);
  BOOST_TEST(*parse_size("7B") == 7u);
}

BOOST_AUTO_TEST_CASE(what_is_no_quantity_is_refused) {
  for (const char* text : {"", "s", "30", "30 s", " 30s", "30s ", "-30s", "+30s", "3.5s", "30S", "30m",
                           "99999999999999999999s", "9999999999999h"}) {
    BOOST_TEST(!parse_duration(text), text);
  }
  for (const char* text : {"", "512", "512mb", "512 MB", "-1MB", "1e3MB", "99999999999999GiB"}) {
    BOOST_TEST(!parse_size(text), text);
  }
}

// QUANTITY-1
BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  for (const std::int64_t count : {1, 999, 1000, 1001, 59'000, 60'000, 90'000, 3'600'000, 7'200'001}) {
    const std::chrono::milliseconds duration(count);
    BOOST_TEST((parse_duration(duration_text(duration)) == duration), duration_text(duration));
  }
  for (const std::uint64_t bytes : {1ull, 1000ull, 1024ull, 512'000'000ull, 1ull << 29, 1ull << 46, 1'000'000'007ull}) {
    BOOST_TEST(*parse_size(size_text(bytes)) == bytes);
  }
  BOOST_TEST(duration_text(90s) == "90s");
  BOOST_TEST(size_text(512'000'000) == "512MB");
}

BOOST_AUTO_TEST_CASE(months_are_four_digits_and_two) {
  for (const char* text : {"1982-01", "0001-12", "9999-10"}) BOOST_TEST(is_month(text), text);
  for (const char* text :
       {"", "1982", "1982-1", "1982-00", "1982-13", "82-01", "1982/01", "1982-01-01", "198a-01", "1982-0a"}) {
    BOOST_TEST(!is_month(text), text);
  }
}

BOOST_AUTO_TEST_CASE(numbers_are_written_as_toml_floats_that_round_trip) {
  BOOST_TEST(real_text(1) == "1.0");
  BOOST_TEST(real_text(-90) == "-90.0");
  BOOST_TEST(real_text(2e-3) == "0.002");
  BOOST_TEST(real_text(0.1) == "0.1");
  for (const double value : {1e-4, 1e-37, 1e37, 1.0 / 3, 1e22, std::numeric_limits<double>::max()}) {
    BOOST_TEST(std::stod(real_text(value)) == value);
    BOOST_TEST(real_text(value).find_first_of(".e") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::config
