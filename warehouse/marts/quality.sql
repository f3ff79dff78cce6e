-- The reports of each publisher over all years.
SELECT
    region_code,
    publisher,
    arg_max(level, year) AS level,
    arg_max(city, year) AS city,
    min(year) AS first_year,
    max(year) AS last_year,
    count(*) AS reports,
    max(year) - min(year) + 1 - count(DISTINCT year) AS years_missing,
    count(*) FILTER (errors > 0) AS reports_with_errors,
    sum(errors)::BIGINT AS errors,
    sum(errors_settled)::BIGINT AS errors_settled,
    sum(warnings)::BIGINT AS warnings,
    sum(figures)::BIGINT AS figures,
    sum(figures_blank)::BIGINT AS figures_blank,
    sum(figures) FILTER (figures_expected IS NOT NULL) / sum(figures_expected) AS completeness,
    count(*) FILTER (on_time) AS reports_on_time,
    count(*) FILTER (NOT on_time) AS reports_late,
    count(*) FILTER (on_time IS NULL) AS reports_undated,
    count(*) FILTER (edition > 1) AS revised_reports
FROM report_quality
GROUP BY region_code, publisher
