// CF times: "hours since 1980-01-14 14:00:00" and a calendar become civil dates, by integer arithmetic of our own (the
// C library knows one calendar, and its answer depends on the machine's time zone). Thread rule: values, no shared
// state.
//
// CALENDAR-1: day_number() and date_of_day() are inverse to each other for every date of a calendar.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

/// The CF calendars, less synonyms.
enum class Calendar {
  standard,             ///< Julian up to 1582-10-04, Gregorian from 1582-10-15 on ("standard", "gregorian")
  proleptic_gregorian,  ///< Gregorian at all times
  no_leap,              ///< 365 days a year ("noleap", "365_day")
  day_360               ///< 12 months of 30 days ("360_day")
};

struct Date {
  int year = 0;
  int month = 1;                                  ///< 1 … 12
  int day = 1;                                    ///< 1 … 31
  auto operator<=>(const Date&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0 in <=>
};

/// "YYYY-MM-DD"
std::string to_string(const Date& date);

/// An empty name is CF's default, the standard calendar. The error lists the calendars that are known.
Result<Calendar> parse_calendar(std::string_view name);

int days_in_month(Calendar calendar, int year, int month);

/// Days since the calendar's own 1970-01-01.
std::int64_t day_number(Calendar calendar, const Date& date);
Date date_of_day(Calendar calendar, std::int64_t day);

/// What the values of a time coordinate mean.
class TimeUnits {
 public:
  /// `units` as in the file: "<seconds|minutes|hours|days|weeks|months> since <date> [<time>] [UTC]". Months are
  /// calendar months (their fraction a fraction of that month), as data producers mean them; UDUNITS' month of 30.44
  /// days is not.
  static Result<TimeUnits> parse(std::string_view units, Calendar calendar);

  /// Seconds since 1970-01-01 00:00 of the calendar, rounded to a whole one: times order and compare by it.
  std::int64_t seconds(double value) const;
  Date date(double value) const;

 private:
  Calendar calendar_ = Calendar::standard;
  std::int64_t step_seconds_ = 0;  ///< 0: months
  Date epoch_;
  std::int64_t epoch_second_of_day_ = 0;
};

}  // namespace fulmar::data
