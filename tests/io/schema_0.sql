CREATE SCHEMA kcn0;
CREATE TABLE kcn0.ledger (
    fid bigint NOT NULL,
    parcel_id text,
    status text,
    valid_from date,
    valid_to date,
    part_area_ha double precision,
    entry_id text,
    recorded_at timestamp with time zone,
    superseded_at timestamp with time zone
);
COMMENT ON TABLE kcn0.ledger IS 'Sổ theo dõi · Ledger [kcngeo]';
COMMENT ON COLUMN kcn0.ledger.parcel_id IS 'Mã thửa · Parcel id';
COMMENT ON COLUMN kcn0.ledger.status IS 'Tình trạng · Status';
COMMENT ON COLUMN kcn0.ledger.valid_from IS 'Từ ngày · Valid from';
COMMENT ON COLUMN kcn0.ledger.valid_to IS 'Đến ngày (không gồm ngày này) · Valid until (this day no more)';
COMMENT ON COLUMN kcn0.ledger.part_area_ha IS 'Diện tích một phần lô (ha) · Part of the parcel (ha)';
COMMENT ON COLUMN kcn0.ledger.entry_id IS 'Mã mục sổ · Entry id';
COMMENT ON COLUMN kcn0.ledger.recorded_at IS 'Thời điểm ghi · Recorded at';
COMMENT ON COLUMN kcn0.ledger.superseded_at IS 'Thời điểm bị thay thế · Superseded at';
CREATE TABLE kcn0.parcels (
    fid bigint NOT NULL,
    parcel_id text,
    zone_id text,
    land_use text,
    note text,
    geometry public.geometry(Polygon,5899)
);
COMMENT ON TABLE kcn0.parcels IS 'Lô đất: mọi phiên bản · Lots: all versions [kcngeo]';
COMMENT ON COLUMN kcn0.parcels.parcel_id IS 'Mã thửa · Parcel id';
COMMENT ON COLUMN kcn0.parcels.zone_id IS 'Mã khu · Zone id';
COMMENT ON COLUMN kcn0.parcels.land_use IS 'Chức năng · Land use';
CREATE FUNCTION kcn0.parcels_on(on_day date, known_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(fid bigint, parcel_id text, zone_id text, land_use text, note text, geometry public.geometry, status text, leased_share double precision, reserved_share double precision, recovering_share double precision, repurposed_share double precision, uncleared_share double precision, available_share double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH lot AS (
          SELECT p.fid,
             p.parcel_id,
             p.zone_id,
             p.land_use,
             p.note,
             p.geometry,
             COALESCE(NULL::double precision, public.st_area(p.geometry)) AS "whole m2"
            FROM kcn0.parcels p
           WHERE (
                 CASE
                     WHEN (parcels_on.known_at IS NULL) THEN (NULL::timestamp with time zone IS NULL)
                     ELSE (COALESCE((NULL::timestamp with time zone <= parcels_on.known_at), true) AND COALESCE((parcels_on.known_at < NULL::timestamp with time zone), true))
                 END AND COALESCE((NULL::date <= parcels_on.on_day), true) AND COALESCE((parcels_on.on_day < NULL::date), true))
         ), entry AS (
          SELECT e.parcel_id,
             e.status,
             e.part_area_ha
            FROM kcn0.ledger e
           WHERE (
                 CASE
                     WHEN (parcels_on.known_at IS NULL) THEN (e.superseded_at IS NULL)
                     ELSE (COALESCE((e.recorded_at <= parcels_on.known_at), true) AND COALESCE((parcels_on.known_at < e.superseded_at), true))
                 END AND COALESCE((e.valid_from <= parcels_on.on_day), true) AND COALESCE((parcels_on.on_day < e.valid_to), true))
         ), held AS (
          SELECT lot.fid,
             entry.status,
             (sum(
                 CASE
                     WHEN (entry.part_area_ha IS NULL) THEN (1)::numeric
                     ELSE round((((entry.part_area_ha * (10000)::double precision) / NULLIF(lot."whole m2", (0)::double precision)))::numeric, 12)
                 END))::double precision AS share
            FROM (lot
              JOIN entry ON ((entry.parcel_id = lot.parcel_id)))
           GROUP BY lot.fid, entry.status
         ), summed AS (
          SELECT held.fid,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'leased'::text)), (0)::double precision) AS leased,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'reserved'::text)), (0)::double precision) AS reserved,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'recovering'::text)), (0)::double precision) AS recovering,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'repurposed'::text)), (0)::double precision) AS repurposed,
             COALESCE(sum(held.share) FILTER (WHERE (held.status <> 'uncleared'::text)), (0)::double precision) AS tenure,
             LEAST(COALESCE(sum(held.share) FILTER (WHERE (held.status = 'uncleared'::text)), (0)::double precision), (1)::double precision) AS uncleared,
             (bool_and((held.share IS NOT NULL)) AND (COALESCE(sum(held.share) FILTER (WHERE (held.status <> 'uncleared'::text)), (0)::double precision) <= (1.005)::double precision) AND (COALESCE(sum(held.share) FILTER (WHERE (held.status = 'uncleared'::text)), (0)::double precision) <= (1.005)::double precision)) AS is_sound
            FROM held
           GROUP BY held.fid
         ), laid AS (
          SELECT summed.fid,
             summed.is_sound,
             (round(((summed.leased / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS leased,
             (round(((summed.reserved / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS reserved,
             (round(((summed.recovering / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS recovering,
             (round(((summed.repurposed / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS repurposed,
             (round((LEAST(summed.uncleared, ((1)::double precision - LEAST(summed.tenure, (1)::double precision))))::numeric, 12))::double precision AS uncleared,
             (round((GREATEST((((1)::double precision - LEAST(summed.tenure, (1)::double precision)) - summed.uncleared), (0)::double precision))::numeric, 12))::double precision AS available
            FROM summed
         ), stated AS (
          SELECT lot.fid,
             lot.parcel_id,
             lot.zone_id,
             lot.land_use,
             lot.note,
             lot.geometry,
             lot."whole m2",
             ((laid.fid IS NULL) OR laid.is_sound) AS is_sound,
             COALESCE(laid.leased, (0)::double precision) AS leased,
             COALESCE(laid.reserved, (0)::double precision) AS reserved,
             COALESCE(laid.recovering, (0)::double precision) AS recovering,
             COALESCE(laid.repurposed, (0)::double precision) AS repurposed,
             COALESCE(laid.uncleared, (0)::double precision) AS uncleared,
             COALESCE(laid.available, (1)::double precision) AS available
            FROM (lot
              LEFT JOIN laid ON ((laid.fid = lot.fid)))
         )
  SELECT stated.fid,
     stated.parcel_id,
     stated.zone_id,
     stated.land_use,
     stated.note,
     stated.geometry,
         CASE
             WHEN (NOT stated.is_sound) THEN NULL::text
             ELSE
             CASE GREATEST(stated.leased, stated.reserved, stated.recovering, stated.repurposed, stated.uncleared, stated.available)
                 WHEN stated.leased THEN 'leased'::text
                 WHEN stated.reserved THEN 'reserved'::text
                 WHEN stated.recovering THEN 'recovering'::text
                 WHEN stated.repurposed THEN 'repurposed'::text
                 WHEN stated.uncleared THEN 'uncleared'::text
                 ELSE 'available'::text
             END
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.leased
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.reserved
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.recovering
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.repurposed
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.uncleared
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.available
             ELSE NULL::double precision
         END AS "case"
    FROM stated
   ORDER BY stated.fid;
END;
COMMENT ON FUNCTION kcn0.parcels_on(on_day date, known_at timestamp with time zone) IS 'State of every lot on a day, as known at a moment [kcngeo 3381ea819761746a]';
ALTER TABLE kcn0.ledger ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn0.ledger_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW kcn0.ledger_now AS
 SELECT fid,
    parcel_id,
    status,
    valid_from,
    valid_to,
    part_area_ha,
    entry_id,
    recorded_at,
    superseded_at
   FROM kcn0.ledger t
  WHERE (COALESCE((valid_from <= ((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date), true) AND COALESCE((((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date < valid_to), true) AND
        CASE
            WHEN (NULL::timestamp with time zone IS NULL) THEN (superseded_at IS NULL)
            ELSE (COALESCE((recorded_at <= NULL::timestamp with time zone), true) AND COALESCE((NULL::timestamp with time zone < superseded_at), true))
        END);
COMMENT ON VIEW kcn0.ledger_now IS '[kcngeo]';
ALTER TABLE kcn0.parcels ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn0.parcels_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW kcn0.parcels_now AS
 SELECT fid,
    parcel_id,
    zone_id,
    land_use,
    note,
    (geometry)::public.geometry(Polygon,5899) AS geometry,
    status,
    leased_share,
    reserved_share,
    recovering_share,
    repurposed_share,
    uncleared_share,
    available_share
   FROM kcn0.parcels_on(((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date) t(fid, parcel_id, zone_id, land_use, note, geometry, status, leased_share, reserved_share, recovering_share, repurposed_share, uncleared_share, available_share)
  WHERE true;
COMMENT ON VIEW kcn0.parcels_now IS '[kcngeo]';
CREATE TABLE kcn0.receptors (
    fid bigint NOT NULL,
    receptor_id text,
    kind text,
    geometry public.geometry(Point,5899)
);
COMMENT ON TABLE kcn0.receptors IS 'Đối tượng cần bảo vệ · To be kept clear of [kcngeo]';
COMMENT ON COLUMN kcn0.receptors.receptor_id IS 'Mã đối tượng bảo vệ · Receptor id';
COMMENT ON COLUMN kcn0.receptors.kind IS 'Loại · Kind';
ALTER TABLE kcn0.receptors ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn0.receptors_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE kcn0.zones (
    fid bigint NOT NULL,
    zone_id text,
    geometry public.geometry(Polygon,5899)
);
COMMENT ON TABLE kcn0.zones IS 'Khu công nghiệp: mọi phiên bản · Zones: all versions [kcngeo]';
COMMENT ON COLUMN kcn0.zones.zone_id IS 'Mã khu · Zone id';
ALTER TABLE kcn0.zones ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn0.zones_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO kcn0.ledger VALUES (1, 'P1', 'leased', '2018-01-01', NULL, NULL, 'e1', '2018-02-01 00:00:00+00', NULL);
INSERT INTO kcn0.ledger VALUES (2, 'P1', 'reserved', '2018-01-01', NULL, NULL, 'e0', '2018-01-01 00:00:00+00', '2018-02-01 00:00:00+00');
INSERT INTO kcn0.ledger VALUES (3, 'P2', 'leased', '2018-03-01', '2019-01-01', 0.5, 'e2', NULL, NULL);
INSERT INTO kcn0.parcels VALUES (1, 'P1', 'A', 'industrial', 'ộ, "a"', '01030000200B17000001000000050000000000000010861E4100000000F06033410000000010861E4100000000546133410000000080841E4100000000546133410000000080841E4100000000F06033410000000010861E4100000000F0603341');
INSERT INTO kcn0.parcels VALUES (2, 'P2', 'A', 'industrial', NULL, '01030000200B170000010000000500000000000000A0871E4100000000F060334100000000A0871E4100000000546133410000000010861E4100000000546133410000000010861E4100000000F060334100000000A0871E4100000000F0603341');
INSERT INTO kcn0.receptors VALUES (1, 'R1', 'housing', '01010000200B1700000000000080841E4100000000F0603341');
INSERT INTO kcn0.zones VALUES (1, 'A', '01030000200B17000001000000050000000000000020941E4100000000F06033410000000020941E4100000000546133410000000080841E4100000000546133410000000080841E4100000000F06033410000000020941E4100000000F0603341');
SELECT pg_catalog.setval('kcn0.ledger_fid_seq', 4, false);
SELECT pg_catalog.setval('kcn0.parcels_fid_seq', 3, false);
SELECT pg_catalog.setval('kcn0.receptors_fid_seq', 2, false);
SELECT pg_catalog.setval('kcn0.zones_fid_seq', 2, false);
ALTER TABLE ONLY kcn0.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (fid);
ALTER TABLE ONLY kcn0.parcels
    ADD CONSTRAINT parcels_pkey PRIMARY KEY (fid);
ALTER TABLE ONLY kcn0.receptors
    ADD CONSTRAINT receptors_pkey PRIMARY KEY (fid);
ALTER TABLE ONLY kcn0.zones
    ADD CONSTRAINT zones_pkey PRIMARY KEY (fid);
CREATE INDEX ledger_entry_id_idx ON kcn0.ledger USING btree (entry_id);
CREATE INDEX ledger_parcel_id_idx ON kcn0.ledger USING btree (parcel_id);
CREATE INDEX parcels_geometry_idx ON kcn0.parcels USING gist (geometry);
CREATE INDEX parcels_parcel_id_idx ON kcn0.parcels USING btree (parcel_id);
CREATE INDEX parcels_zone_id_idx ON kcn0.parcels USING btree (zone_id);
CREATE INDEX receptors_geometry_idx ON kcn0.receptors USING gist (geometry);
CREATE INDEX zones_geometry_idx ON kcn0.zones USING gist (geometry);
CREATE INDEX zones_zone_id_idx ON kcn0.zones USING btree (zone_id);
