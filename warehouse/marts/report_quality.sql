-- What is known of each report: how it was read, what its findings are, whether it is complete and on time.
WITH
figure AS (
    SELECT report_id, coalesce(corrected, value) IS NULL AS blank, false AS several FROM disclosures
    UNION ALL
    SELECT report_id, coalesce(corrected, value) IS NULL, starts_with(outcome, 'other.') FROM requests
    UNION ALL
    SELECT report_id, coalesce(corrected, value) IS NULL, false FROM reviews
    UNION ALL
    SELECT report_id, coalesce(corrected, value) IS NULL, false FROM statistics
),
counted AS (
    SELECT report_id, count(*) AS figures, count(*) FILTER (blank) AS figures_blank, bool_or(several) AS several
    FROM figure
    GROUP BY report_id
),
found AS (
    SELECT
        report_id,
        count(*) FILTER (severity = 'error') AS errors,
        count(*) FILTER (severity = 'error' AND settled) AS errors_settled,
        count(*) FILTER (severity = 'warning') AS warnings,
        count(*) FILTER (severity = 'info') AS infos
    FROM findings
    GROUP BY report_id
),
applied AS (
    SELECT report_id, count(*) AS corrections
    FROM corrections
    WHERE state = 'applied'
    GROUP BY report_id
),
document AS (
    SELECT report_id, sha256, max(edition) AS edition, any_value(reading) AS reading
    FROM documents
    GROUP BY ALL
),
due AS (
    SELECT
        *,
        CASE
            -- The Regulations took effect on 1 May 2008; the first reports were on that year.
            WHEN year < 2008 THEN NULL
            -- Article 31 until the revision of 2019: every body, 31 March.
            WHEN year < 2019 THEN make_date(year + 1, 3, 31)
            -- Article 49 since: it names departments and governments from the county up.
            WHEN level = 'township' THEN NULL
            WHEN level = 'department' THEN make_date(year + 1, 1, 31)
            ELSE make_date(year + 1, 3, 31)
        END AS due_on,
        -- A date before the year was over is not that of publication.
        CASE WHEN published_on >= make_date(year, 12, 31) THEN published_on END AS plausible_on
    FROM reports
)
SELECT
    r.report_id, r.region_code, r.publisher, r.level, r.city, r.year, r.form, r.sha256,
    document.reading, document.edition,
    coalesce(errors, 0) AS errors,
    coalesce(errors_settled, 0) AS errors_settled,
    coalesce(warnings, 0) AS warnings,
    coalesce(infos, 0) AS infos,
    coalesce(corrections, 0) AS corrections,
    coalesce(counted.figures, 0) AS figures,
    coalesce(figures_blank, 0) AS figures_blank,
    expected.figures AS figures_expected,
    coalesce(counted.figures, 0) / expected.figures AS completeness,
    r.published_on,
    due_on,
    date_diff('day', due_on, plausible_on) AS days_late,
    plausible_on <= due_on AS on_time
FROM due AS r
LEFT JOIN counted USING (report_id)
LEFT JOIN expected_figures AS expected
    ON expected.form = r.form AND expected.several = coalesce(counted.several, false)
LEFT JOIN found USING (report_id)
LEFT JOIN applied USING (report_id)
LEFT JOIN document ON document.report_id = r.report_id AND document.sha256 = r.sha256
