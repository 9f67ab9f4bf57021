#include "data/calendar.hpp"

#include <boost/test/unit_test.hpp>

using namespace fulmar;
using namespace fulmar::data;

namespace {

Date date_at(const std::string& units, const std::string& calendar, double value) {
  const auto parsed_calendar = parse_calendar(calendar);
  BOOST_REQUIRE_MESSAGE(parsed_calendar.ok(), calendar);
  const auto parsed = TimeUnits::parse(units, *parsed_calendar);
  BOOST_REQUIRE_MESSAGE(parsed.ok(), units);
  return parsed->date(value);
}

std::string text_at(const std::string& units, const std::string& calendar, double value) {
  return to_string(date_at(units, calendar, value));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(calendar)

// Julian day numbers (of noon) as published: J2000 = 2451545, MJD 0 = 2400001, JDN 0 = 1 January 4713 BC, Julian.
BOOST_AUTO_TEST_CASE(day_numbers_agree_with_published_julian_days) {
  constexpr std::int64_t kUnixEpoch = 2440588;
  BOOST_TEST(day_number(Calendar::standard, {2000, 1, 1}) == 2451545 - kUnixEpoch);
  BOOST_TEST(day_number(Calendar::standard, {1858, 11, 17}) == 2400001 - kUnixEpoch);
  BOOST_TEST(day_number(Calendar::standard, {1582, 10, 15}) == 2299161 - kUnixEpoch);
  BOOST_TEST(day_number(Calendar::standard, {1582, 10, 4}) == 2299160 - kUnixEpoch);
  BOOST_TEST(day_number(Calendar::standard, {-4712, 1, 1}) == 0 - kUnixEpoch);
  BOOST_TEST(day_number(Calendar::proleptic_gregorian, {1, 1, 1}) == 1721426 - kUnixEpoch);
}

// CALENDAR-1, over 6,000 years around the change of calendars.
BOOST_AUTO_TEST_CASE(every_day_has_one_date_and_every_date_its_day) {
  for (const Calendar calendar :
       {Calendar::standard, Calendar::proleptic_gregorian, Calendar::no_leap, Calendar::day_360}) {
    Date before = date_of_day(calendar, -1'800'001);
    for (std::int64_t day = -1'800'000; day < 400'000; ++day) {
      const Date date = date_of_day(calendar, day);
      if (day_number(calendar, date) != day || !(before < date)) BOOST_FAIL(to_string(date) << " is not day " << day);
      before = date;
    }
  }
}

BOOST_AUTO_TEST_CASE(months_have_the_lengths_of_their_calendar) {
  BOOST_TEST(days_in_month(Calendar::standard, 1900, 2) == 28);
  BOOST_TEST(days_in_month(Calendar::standard, 1500, 2) == 29);  // Julian
  BOOST_TEST(days_in_month(Calendar::standard, 1582, 10) == 21);
  BOOST_TEST(days_in_month(Calendar::proleptic_gregorian, 1500, 2) == 28);
  BOOST_TEST(days_in_month(Calendar::proleptic_gregorian, 2000, 2) == 29);
  BOOST_TEST(days_in_month(Calendar::no_leap, 2000, 2) == 28);
  BOOST_TEST(days_in_month(Calendar::day_360, 2001, 2) == 30);
}

// The expected dates are those of the CF library cftime 1.6 for the same units.
BOOST_AUTO_TEST_CASE(times_decode_as_the_cf_convention_says) {
  BOOST_TEST(text_at("hour since 1980-01-14 14:00:00", "", 17598) == "1982-01-16");
  BOOST_TEST(text_at("hour since 1980-01-14 14:00:00", "", 113293.5) == "1992-12-17");
  BOOST_TEST(text_at("days since 1850-01-01", "noleap", 365 * 10 + 59) == "1860-03-01");
  BOOST_TEST(text_at("days since 1850-01-01", "proleptic_gregorian", 3652 + 59) == "1860-02-29");
  BOOST_TEST(text_at("days since 1850-1-1 00:00", "360_day", 59) == "1850-02-30");
  BOOST_TEST(text_at("seconds since 1970-01-01T00:00:00Z", "gregorian", 951782400.0) == "2000-02-29");
  BOOST_TEST(text_at("minutes since 2000-01-01 00:00:00.0 UTC", "standard", -1) == "1999-12-31");
  BOOST_TEST(text_at("days since 1582-10-04", "standard", 1) == "1582-10-15");
  BOOST_TEST(text_at("days since 1582-10-04", "proleptic_gregorian", 1) == "1582-10-05");
  BOOST_TEST(text_at("hours since 1900-01-01 00:00:0.0", "365_day", 8760.0 * 100) == "2000-01-01");
}

BOOST_AUTO_TEST_CASE(months_since_are_calendar_months) {
  BOOST_TEST(text_at("months since 1982-01-15", "standard", 131) == "1992-12-15");
  BOOST_TEST(text_at("months since 1982-01-01", "standard", 1.5) == "1982-02-15");
  BOOST_TEST(text_at("months since 1982-01-01", "standard", -1) == "1981-12-01");
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_is_refused_with_what_would_be) {
  const auto calendar = parse_calendar("martian");
  BOOST_REQUIRE(!calendar.ok());
  BOOST_TEST(calendar.error().message ==
             "calendar \"martian\" is not known; known: standard, gregorian, proleptic_gregorian, noleap, 365_day, "
             "360_day");
  for (const char* units : {"", "K", "days", "fortnights since 1980-01-01", "days since 1980-13-01",
                            "days since 1981-02-29", "days since yesterday", "days since 1980-01-01 00:00 +05:30"}) {
    const auto parsed = TimeUnits::parse(units, Calendar::standard);
    BOOST_TEST_CONTEXT("units " << units) {
      BOOST_REQUIRE(!parsed.ok());
      BOOST_TEST(parsed.error().message.find("expected \"<seconds|minutes|hours|days|weeks|months> since") !=
                 std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
