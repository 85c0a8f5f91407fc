@NullMarked
package io.dropserver.web.dashboard;

import org.jspecify.annotations.NullMarked;
