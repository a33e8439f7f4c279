import { mount } from '../shared/mount.tsx';
import { PlanPage } from './plan_page.tsx';

mount(<PlanPage />);
