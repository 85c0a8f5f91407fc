package io.dropserver.web.dashboard;

import io.dropserver.control.InstanceView;
import io.dropserver.web.home.AppMetadataSource;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/**
 * The data sources of the dashboard's pages.
 *
 * @param requests returns the request counts of an appspace for each five seconds of the last ten
 *     minutes, oldest first
 */
public record DashboardSources(
    InstanceView view,
    DashboardData details,
    AppMetadataSource appMetadataSource,
    Function<String, List<Integer>> requests,
    InstantSource clock) {}
