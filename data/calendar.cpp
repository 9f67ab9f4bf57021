#include "data/calendar.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

namespace fulmar::data {
namespace {

constexpr std::int64_t kSecondsOfDay = 86400;
constexpr Date kFirstGregorianDay{1582, 10, 15};
constexpr std::array<int, 12> kMonthDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

// The two real calendars count years from 1 March, so that a leap day is the last day of its year; month lengths from
// March on follow (153 m + 2) / 5 (after H. Hinnant, "chrono-compatible low-level date algorithms").
struct MarchYear {
  std::int64_t year;
  std::int64_t day_of_year;
};

MarchYear march_year(const Date& date) {
  const std::int64_t year = std::int64_t{date.year} - (date.month <= 2);
  const std::int64_t month = (date.month + 9) % 12;
  return {year, (153 * month + 2) / 5 + date.day - 1};
}

Date from_march_year(std::int64_t year, std::int64_t day_of_year) {
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
  const auto civil_month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {static_cast<int>(year) + (civil_month <= 2), civil_month, day};
}

constexpr std::int64_t kGregorianMarchOfYear0 = -719468;  // the day number of 0000-03-01
constexpr std::int64_t kJulianMarchOfYear0 = -719470;     // two days earlier: the calendars agree in 200 … 300

std::int64_t gregorian_day(const Date& date) {
  const auto [year, day] = march_year(date);
  return kGregorianMarchOfYear0 + 365 * year + floor_divide(year, 4) - floor_divide(year, 100) +
         floor_divide(year, 400) + day;
}

std::int64_t julian_day(const Date& date) {
  const auto [year, day] = march_year(date);
  return kJulianMarchOfYear0 + 365 * year + floor_divide(year, 4) + day;
}

Date gregorian_date(std::int64_t day) {
  const std::int64_t shifted = day - kGregorianMarchOfYear0;
  const std::int64_t era = floor_divide(shifted, 146097);  // 400 years
  const std::int64_t of_era = shifted - era * 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  return from_march_year(era * 400 + year, of_era - (365 * year + year / 4 - year / 100));
}

Date julian_date(std::int64_t day) {
  const std::int64_t shifted = day - kJulianMarchOfYear0;
  const std::int64_t era = floor_divide(shifted, 1461);  // 4 years
  const std::int64_t of_era = shifted - era * 1461;
  const std::int64_t year = (of_era - of_era / 1460) / 365;
  return from_march_year(era * 4 + year, of_era - 365 * year);
}

std::int64_t no_leap_day(const Date& date) {
  std::int64_t day = 365 * (std::int64_t{date.year} - 1970) + date.day - 1;
  for (int month = 1; month < date.month; ++month) day += kMonthDays[static_cast<std::size_t>(month - 1)];
  return day;
}

Date no_leap_date(std::int64_t day) {
  const std::int64_t year = floor_divide(day, 365);
  auto rest = static_cast<int>(day - 365 * year);
  std::size_t month = 0;
  while (rest >= kMonthDays[month]) rest -= kMonthDays[month++];
  return {static_cast<int>(year) + 1970, static_cast<int>(month) + 1, rest + 1};
}

Date day_360_date(std::int64_t day) {
  const std::int64_t year = floor_divide(day, 360);
  const auto rest = static_cast<int>(day - 360 * year);
  return {static_cast<int>(year) + 1970, rest / 30 + 1, rest % 30 + 1};
}

Date plus_months(const Date& date, std::int64_t months) {
  const std::int64_t total = std::int64_t{date.year} * 12 + date.month - 1 + months;
  const std::int64_t year = floor_divide(total, 12);
  return {static_cast<int>(year), static_cast<int>(total - year * 12) + 1, date.day};
}

std::optional<std::int64_t> step_seconds_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 23> kSteps{{
      {"second", 1},
      {"seconds", 1},
      {"sec", 1},
      {"secs", 1},
      {"s", 1},
      {"minute", 60},
      {"minutes", 60},
      {"min", 60},
      {"mins", 60},
      {"hour", 3600},
      {"hours", 3600},
      {"hr", 3600},
      {"hrs", 3600},
      {"h", 3600},
      {"day", kSecondsOfDay},
      {"days", kSecondsOfDay},
      {"d", kSecondsOfDay},
      {"week", 7 * kSecondsOfDay},
      {"weeks", 7 * kSecondsOfDay},
      {"month", 0},
      {"months", 0},
      {"mon", 0},
      {"mons", 0},
  }};
  for (const auto& [name, seconds] : kSteps)
    if (name == word) return seconds;
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes a number off the front of `text`, then one of `separators` if there is one.
std::optional<int> take_number(std::string_view& text, std::string_view separators) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && separators.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  return number;
}

struct Instant {
  Date date;
  std::int64_t second_of_day = 0;
};

/// "1980-01-14", "1980-1-14 14:00", "1850-01-01T00:00:00.0Z", "… UTC", "… +00:00".
std::optional<Instant> parse_instant(std::string_view text) {
  const auto year = take_number(text, "-");
  const auto month = take_number(text, "-");
  const auto day = take_number(text, "T ");
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
  Instant instant{{*year, *month, *day}, 0};
  text = trimmed(text);
  if (const auto hour = take_number(text, ":")) {
    const int minute = take_number(text, ":").value_or(0);
    const int second = take_number(text, ".").value_or(0);
    if (*hour < 0 || *hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
    instant.second_of_day = *hour * 3600 + minute * 60 + second;
    text = trimmed(text.substr(std::min(text.find_first_not_of("0123456789"), text.size())));
  }
  for (const std::string_view utc : {"", "Z", "UTC", "GMT", "+00:00", "-00:00", "+0:00", "-0:00", "00:00", "0:00"})
    if (text == utc) return instant;
  return std::nullopt;
}

}  // namespace

std::string to_string(const Date& date) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", date.year, date.month, date.day);
  return text.data();
}

Result<Calendar> parse_calendar(std::string_view name) {
  if (name.empty() || name == "standard" || name == "gregorian") return Calendar::standard;
  if (name == "proleptic_gregorian") return Calendar::proleptic_gregorian;
  if (name == "noleap" || name == "365_day") return Calendar::no_leap;
  if (name == "360_day") return Calendar::day_360;
  return Error{"calendar \"" + std::string(name) +
               "\" is not known; known: standard, gregorian, proleptic_gregorian, noleap, 365_day, 360_day"};
}

int days_in_month(Calendar calendar, int year, int month) {
  const Date first{year, month, 1};
  return static_cast<int>(day_number(calendar, plus_months(first, 1)) - day_number(calendar, first));
}

std::int64_t day_number(Calendar calendar, const Date& date) {
  switch (calendar) {
    case Calendar::standard:
      return date < kFirstGregorianDay ? julian_day(date) : gregorian_day(date);
    case Calendar::proleptic_gregorian:
      return gregorian_day(date);
    case Calendar::no_leap:
      return no_leap_day(date);
    case Calendar::day_360:
      return 360 * (std::int64_t{date.year} - 1970) + 30 * std::int64_t{date.month - 1} + date.day - 1;
  }
  FULMAR_ASSERT(false, "unknown calendar");
}

Date date_of_day(Calendar calendar, std::int64_t day) {
  switch (calendar) {
    case Calendar::standard:
      return day < gregorian_day(kFirstGregorianDay) ? julian_date(day) : gregorian_date(day);
    case Calendar::proleptic_gregorian:
      return gregorian_date(day);
    case Calendar::no_leap:
      return no_leap_date(day);
    case Calendar::day_360:
      return day_360_date(day);
  }
  FULMAR_ASSERT(false, "unknown calendar");
}

Result<TimeUnits> TimeUnits::parse(std::string_view units, Calendar calendar) {
  const auto refused = [&] {
    return Error{"time units \"" + std::string(units) +
                 "\" are not understood; expected \"<seconds|minutes|hours|days|weeks|months> since YYYY-MM-DD "
                 "[hh:mm:ss]\" in UTC"};
  };
  const auto since = units.find(" since ");
  if (since == std::string_view::npos) return refused();
  const auto step = step_seconds_of(trimmed(units.substr(0, since)));
  const auto instant = parse_instant(trimmed(units.substr(since + 7)));
  if (!step || !instant) return refused();
  if (instant->date.day > days_in_month(calendar, instant->date.year, instant->date.month)) return refused();
  TimeUnits parsed;
  parsed.calendar_ = calendar;
  parsed.step_seconds_ = *step;
  parsed.epoch_ = instant->date;
  parsed.epoch_second_of_day_ = instant->second_of_day;
  return parsed;
}

std::int64_t TimeUnits::seconds(double value) const {
  if (step_seconds_ > 0) {
    const auto offset = static_cast<std::int64_t>(std::floor(value * static_cast<double>(step_seconds_) + 0.5));
    return day_number(calendar_, epoch_) * kSecondsOfDay + epoch_second_of_day_ + offset;
  }
  const double whole = std::floor(value);
  const Date date = plus_months(epoch_, static_cast<std::int64_t>(whole));
  const double month_seconds = static_cast<double>(days_in_month(calendar_, date.year, date.month) * kSecondsOfDay);
  const auto offset = static_cast<std::int64_t>(std::floor((value - whole) * month_seconds + 0.5));
  return day_number(calendar_, date) * kSecondsOfDay + epoch_second_of_day_ + offset;
}

Date TimeUnits::date(double value) const {
  return date_of_day(calendar_, floor_divide(seconds(value), kSecondsOfDay));
}

}  // namespace fulmar::data
