-- Every indicator of every report: the sum of the figures that it is made of in the report's form.
--
-- Ten million figures are summed under numbers for their report and indicator; names come back once that is done.
WITH
report AS (
    SELECT row_number() OVER () AS report, r.*, coalesce(loaded.edition, 1) > 1 AS revised
    FROM reports AS r
    LEFT JOIN (SELECT report_id, sha256, max(edition) AS edition FROM documents GROUP BY ALL) AS loaded
        ON loaded.report_id = r.report_id AND loaded.sha256 = r.sha256
),
-- How an indicator is made in a form; of several ways the first counts of which a report has all figures.
way AS (
    SELECT
        row_number() OVER () AS way, indicator, form, alternative, any_value(unit) AS unit,
        any_value(comparability) AS comparability, count(*) AS figures,
        count(*) OVER (PARTITION BY indicator, form) AS ways
    FROM indicators
    GROUP BY indicator, form, alternative
),
part AS (
    SELECT way, form, fact_table, row_code, column_code
    FROM indicators
    JOIN way USING (indicator, form, alternative)
),
suspect AS (
    SELECT DISTINCT unnest(cell_ids) AS cell_id
    FROM findings
    WHERE severity = 'error' AND NOT settled
),
figure AS (
    SELECT
        report_id, 'requests' AS fact_table, outcome AS row_code, applicant AS column_code,
        coalesce(corrected, value) AS value, NULL AS unit, corrected IS NOT NULL AS corrected, cell_id
    FROM requests
    UNION ALL
    SELECT
        report_id, 'reviews', proceeding, result,
        coalesce(corrected, value), NULL, corrected IS NOT NULL, cell_id
    FROM reviews
    UNION ALL
    SELECT
        report_id, 'disclosures', category, measure,
        coalesce(corrected, value), unit, corrected IS NOT NULL, cell_id
    FROM disclosures
    UNION ALL
    SELECT
        report_id, 'statistics', indicator, '',
        coalesce(corrected, value), unit, corrected IS NOT NULL, cell_id
    FROM statistics
    -- Of a line with several columns of figures none can be chosen; the text counts where there is no table.
    WINDOW line AS (PARTITION BY report_id, indicator)
    QUALIFY
        (origin = 'table' AND count(*) FILTER (origin = 'table') OVER line = 1)
        OR (origin = 'prose' AND count(*) OVER line = 1)
),
in_yuan AS (
    SELECT
        * EXCLUDE (value, unit),
        -- TRY_CAST: a number of more than 14 digits is no figure, and must not stop the others.
        CASE unit
            WHEN '万元' THEN TRY_CAST(TRY_CAST(value AS DECIMAL(28, 6)) * 10000 AS DECIMAL(20, 6))
            WHEN '亿元' THEN TRY_CAST(TRY_CAST(value AS DECIMAL(28, 6)) * 100000000 AS DECIMAL(20, 6))
            ELSE TRY_CAST(value AS DECIMAL(20, 6))
        END AS value
    FROM figure
),
summed AS (
    SELECT
        report,
        way,
        count(*) AS figures,
        -- A blank among the parts leaves the sum unknown.
        CASE WHEN count(f.value) = count(*) THEN TRY_CAST(sum(f.value) AS DECIMAL(20, 6)) END AS value,
        bool_or(f.corrected) AS is_corrected,
        bool_or(suspect.cell_id IS NOT NULL) AS flagged
    FROM in_yuan AS f
    JOIN report USING (report_id)
    JOIN part ON
        part.form = report.form
        AND part.fact_table = f.fact_table AND part.row_code = f.row_code AND part.column_code = f.column_code
    LEFT JOIN suspect ON suspect.cell_id = f.cell_id
    GROUP BY report, way
),
complete AS (
    SELECT s.*, w.* EXCLUDE (way, figures)
    FROM summed AS s
    JOIN way AS w USING (way, figures)
),
first AS (
    SELECT * FROM complete WHERE ways = 1
    UNION ALL
    SELECT * FROM complete WHERE ways > 1
    QUALIFY row_number() OVER (PARTITION BY report, indicator ORDER BY alternative) = 1
)
SELECT
    r.report_id, f.indicator, r.region_code, r.publisher, r.level, r.city, r.year, r.form, f.unit, f.comparability,
    f.value, f.is_corrected, f.flagged, r.revised
FROM first AS f
JOIN report AS r USING (report)
