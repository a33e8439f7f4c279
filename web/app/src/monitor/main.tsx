import './monitor.css';
import { mount } from '../shared/mount.tsx';
import { MonitorPage } from './monitor_page.tsx';

mount(<MonitorPage />);
