@NullMarked
package io.dropserver.web.home;

import org.jspecify.annotations.NullMarked;
