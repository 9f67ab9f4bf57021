#include <functional>

#include <boost/test/unit_test.hpp>
#include <netcdf.h>

#include "data/task.hpp"
#include "tests/data/netcdf_writer.hpp"
#include "tests/data/small_world.hpp"

using namespace fulmar;
using namespace fulmar::data;
using namespace fulmar::data::test;

namespace {

const std::string& world() {
  static const std::string path = write_world("errors.nc");
  return path;
}

/// What make_task says when `change` was made to a config that works.
std::string message_after(const std::function<void(DataSpec&, TaskSpec&)>& change) {
  DataSpec data = world_data(world());
  TaskSpec task = world_task();
  change(data, task);
  const auto made = make_task(data, task, InputLayout::grid);
  return made.ok() ? "it was accepted" : made.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(task_errors)

BOOST_AUTO_TEST_CASE(the_config_they_start_from_works) {
  BOOST_TEST(message_after([](DataSpec&, TaskSpec&) {}) == "it was accepted");
}

BOOST_AUTO_TEST_CASE(an_unknown_choice_lists_what_is_supported) {
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.kind = "lorenz96"; }) ==
             "[data] kind = \"lorenz96\" is not supported; expected one of: netcdf");
  BOOST_TEST(message_after([](DataSpec&, TaskSpec& task) { task.kind = "downscaling"; }) ==
             "[task] kind = \"downscaling\" is not supported; did you mean \"downscale\"?");
  BOOST_TEST(message_after([](DataSpec&, TaskSpec& task) { task.anomalies = "dayofyear"; }) ==
             "[task] anomalies = \"dayofyear\" is not supported; expected one of: none, month");
  BOOST_TEST(
      message_after([](DataSpec&, TaskSpec& task) { task.residual = "bilinear+climatology"; }) ==
      "[task] residual = \"bilinear+climatology\" is not supported; expected one of: climatology+bilinear, none");
}

BOOST_AUTO_TEST_CASE(files_and_variables_that_are_not_there_are_named) {
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.paths = {"/nowhere.nc"}; }) ==
             "[data] path = \"/nowhere.nc\": there is no such file; give the path of a NetCDF file");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.paths.clear(); }) ==
             "[data] path is empty; give the path of a NetCDF file");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.targets = {"TT"}; }) ==
             "[data] targets or inputs = \"TT\": " + world() + " has no variable of this name; did you mean \"T\"?");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.targets.clear(); }) ==
             "[data] targets is empty; name the variables to predict");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.targets = {"T", "T"};
             }) == "[data] targets names \"T\" twice; name it once");
}

BOOST_AUTO_TEST_CASE(malformed_and_reversed_months_are_refused) {
  for (const char* month : {"2001-1", "2001-13", "2001/01", "1st of May", "2001-00"})
    BOOST_TEST(message_after([&](DataSpec& data, TaskSpec&) { data.train.first = month; }) ==
               std::string("[data] train = [\"") + month + "\", \"2002-12\"]: \"" + month +
                   "\" is not a month; write it as \"YYYY-MM\"");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.test = {"2004-12", "2004-01"};
             }) == "[data] test = [\"2004-12\", \"2004-01\"] ends before it begins; give the earlier month first");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.train = {"", ""};
             }) == "[data] train is missing; give the first and last month, as [\"1982-01\", \"1988-12\"]");
}

BOOST_AUTO_TEST_CASE(splits_that_overlap_or_hold_nothing_are_refused) {
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.validation.first = "2002-12"; }) ==
             "[data] validation = [\"2002-12\", \"2003-12\"] overlaps [data] train = [\"2001-01\", \"2002-12\"]; give "
             "periods that share no month, or the scores would know the answers");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.test = {"2003-06", "2003-06"};
             }).find("overlaps") != std::string::npos);
  BOOST_TEST(
      message_after([](DataSpec& data, TaskSpec&) {
        data.test = {"2005-01", "2005-12"};
      }) ==
      "[data] test = [\"2005-01\", \"2005-12\"] holds no sample: the data covers 2001-01 to 2004-12; give months "
      "inside that");
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) { data.validation = {"", ""}; }) == "it was accepted");
}

BOOST_AUTO_TEST_CASE(a_month_without_a_climatology_is_refused) {
  BOOST_TEST(
      message_after([](DataSpec& data, TaskSpec&) {
        data.train = {"2001-01", "2001-06"};
      }) ==
      "[data] validation holds 2003-07-15, but train holds no month 7 to take a climatology from; lengthen train to "
      "whole years, or set [task] anomalies = \"none\"");
}

BOOST_AUTO_TEST_CASE(windows_that_do_not_fit_are_refused) {
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.latitude = {75, 90};
             }) == "[data] latitude = [75, 90] selects no row of " + world() +
                       ", which covers [-70, 70]; give a window inside that");
  BOOST_TEST(message_after([](DataSpec&, TaskSpec& task) { task.factor = 3; }) ==
             "[task] factor = 3 does not divide the 8 rows of [data] latitude = [-70, 70]; [data] latitude = [-70, 30] "
             "fits (6 rows)");
  BOOST_TEST(message_after([](DataSpec&, TaskSpec& task) { task.factor = 16; }).find("give a smaller factor") !=
             std::string::npos);
  for (const std::size_t factor : {0u, 1u})
    BOOST_TEST(message_after([&](DataSpec&, TaskSpec& task) { task.factor = factor; }) ==
               "[task] factor = " + std::to_string(factor) + " coarsens nothing; give 2 or more");
}

BOOST_AUTO_TEST_CASE(a_residual_needs_the_targets_among_the_inputs) {
  const auto only_other = [](DataSpec& data, TaskSpec&) {
    data.targets = {"T"};
    data.inputs = {"S"};
  };
  BOOST_TEST(
      message_after(only_other) ==
      "[task] residual = \"climatology+bilinear\" starts from the coarse T, which is not among [data] inputs; add "
      "it, or set residual = \"none\"");
  BOOST_TEST(message_after([&](DataSpec& data, TaskSpec& task) {
               only_other(data, task);
               task.residual = "none";
             }) == "it was accepted");
}

BOOST_AUTO_TEST_CASE(a_variable_that_never_varies_is_refused) {
  NetcdfWriter writer("constant.nc");
  writer.axis("t", "days since 2001-01-01", month_days(kWorldMonths));
  writer.text("t", "calendar", "360_day");
  writer.axis("y", "degrees_north", {-30, 30});
  writer.axis("x", "degrees_east", {0, 180});
  writer.variable("T", NC_FLOAT, {"t", "y", "x"}, std::vector<double>(4 * kWorldMonths, 7.0));
  const std::string path = writer.close();
  BOOST_TEST(message_after([&](DataSpec& data, TaskSpec&) {
               data.paths = {path};
               data.targets = {"T"};
             }) ==
             "[data] train: T does not vary from its mean over the training period (24 times); give a longer period or "
             "another variable");
}

BOOST_AUTO_TEST_CASE(an_unknown_calendar_or_time_unit_names_file_and_axis) {
  for (const auto& [attribute, value] : {std::pair("calendar", "lunar"), std::pair("units", "days since forever")}) {
    NetcdfWriter writer("times.nc");
    writer.axis("t", "days since 2001-01-01", {0});
    writer.text("t", attribute, value);
    writer.axis("y", "degrees_north", {-30, 30});
    writer.axis("x", "degrees_east", {0, 180});
    writer.variable("T", NC_FLOAT, {"t", "y", "x"}, {1, 2, 3, 4});
    const std::string path = writer.close();
    const std::string message = message_after([&](DataSpec& data, TaskSpec&) {
      data.paths = {path};
      data.targets = {"T"};
    });
    BOOST_TEST(message.find(path + ": t: ") == 0u, message);
    BOOST_TEST(message.find(value) != std::string::npos, message);
  }
}

BOOST_AUTO_TEST_CASE(a_static_field_that_is_not_there_is_named) {
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.statics = {{world(), "TOPO", {}}};
             }).find("[[data.static]] variable = \"TOPO\": " + world() + " has no variable of this name; ") == 0u);
  BOOST_TEST(message_after([](DataSpec& data, TaskSpec&) {
               data.statics = {{world(), "T", {}}};
             }) == "[[data.static]] variable = \"T\": in " + world() +
                       " it has 48 times; name a field without time, or one that varies in [data] inputs");
}

BOOST_AUTO_TEST_SUITE_END()
