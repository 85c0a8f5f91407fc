@NullMarked
package io.dropserver.web.page;

import org.jspecify.annotations.NullMarked;
